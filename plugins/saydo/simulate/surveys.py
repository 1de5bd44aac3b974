"""The monthly tracker: who was invited, who answered, and what; and the exit questions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from saydo.simulate.behaviour import Life
from saydo.simulate.clock import DAY, Window
from saydo.simulate.columns import choose, codes, dates, iso, pick
from saydo.simulate.identifiers import Identifiers, write_email, write_number
from saydo.simulate.parameters import EFFECTS, RATES, SMALL_REGIONS, WAVE_DAY, stream
from saydo.simulate.people import People

STATUSES = ("SENT", "BOUNCED", "OPTED_OUT", "COMPLETED", "NOT_SAMPLED")
SENT, BOUNCED, OPTED_OUT, COMPLETED, NOT_SAMPLED = range(5)
DO_NOT_KNOW = 99.0
LEAVING_TEXTS = (
    "Too expensive, found a better price elsewhere",
    "Bad signal at home",
    "The network was down too often, and nobody told me",
    'They kept saying "next week"',
    "Moving abroad",
    "No longer needed",
    "Réception trop faible",
)
# question, low and high end of its scale, whether high is bad
QUESTIONS = (
    ("Q_OSAT", 0, 10, False),
    ("Q_NPS", 0, 10, False),
    ("Q_NETWORK", 1, 5, True),
    ("Q_PRICE", 1, 5, True),
    ("Q_STAY", 1, 5, True),
    ("Q_SPEND", 0, 10, False),
)


@dataclass
class Wave:
    """Two files' worth of rows with the day each was delivered."""

    invitations: pa.Table
    invitation_day: np.ndarray
    answers: pa.Table
    answer_day: np.ndarray


def address(
    people: People,
    identifiers: Identifiers,
    person: np.ndarray,
    day: np.ndarray,
    rng: np.random.Generator,
) -> tuple[pa.Array, pa.Array]:
    """(channel, value): e-mail for some, but never one that a household shares; else the number."""
    by_email = (people.household[person] < 0) & (person % 10 < 3)
    value = choose(
        [(by_email, write_email(identifiers.email.take(pa.array(person)), rng))],
        write_number(identifiers.number_at(person, day), rng),
    )
    return pick(("SMS", "EMAIL"), by_email.astype(np.int64)), value


def _scaled(score: np.ndarray, low: int, high: int, is_reversed: bool) -> np.ndarray:
    part = np.clip(score, 0, 10) / 10
    part = 1 - part if is_reversed else part
    return np.round(low + part * (high - low))


def _answers(
    rng: np.random.Generator, life: Life, month: int, person: np.ndarray
) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each question: (positions of those who were asked it, their answers)."""
    count = len(person)
    panel = life.panel
    overall = panel.score[month, person].astype(np.float64)
    service = panel.experience[month, person]
    hazard = EFFECTS.churn(overall, service)
    beliefs = (
        overall,
        overall + 0.3 + rng.normal(0, 1.0, count),
        6.5 - 1.2 * service + rng.normal(0, 1.2, count),
        5.8 + 0.5 * life.people.trait[person] + rng.normal(0, 1.5, count),
        10 - 90 * hazard + rng.normal(0, 1.5, count),
        4.5 + 0.5 * (overall - 6) + rng.normal(0, 1.5, count),
    )
    module = rng.random(count) < 0.5
    asked = (np.ones(count, bool), np.ones(count, bool), module, module, ~module, ~module)
    result = []
    for belief, who, (_, low, high, is_reversed) in zip(beliefs, asked, QUESTIONS, strict=True):
        positions = np.flatnonzero(who)
        score = _scaled(belief[positions], low, high, is_reversed)
        unsure = rng.random(len(positions)) < (0 if belief is overall else 0.02)
        result.append((positions, np.where(unsure, DO_NOT_KNOW, score)))
    return result


def make_wave(
    life: Life,
    identifiers: Identifiers,
    window: Window,
    month: int,
    seed: int,
    first_number: int,
) -> Wave:
    """The wave of a month. `first_number` is that of its first invitation."""
    rng = stream(seed, f"wave {month}")
    people, panel = life.people, life.panel
    wave_day = int(window.month_starts[month]) + WAVE_DAY - 1
    base = np.flatnonzero(
        ~np.isnan(panel.score[month])
        & (panel.last_day[month] >= wave_day)
        & (panel.first_day[month] <= wave_day - 7)
    )
    small = np.isin(people.region[base], SMALL_REGIONS)
    rate = np.where(small, RATES.sampled_small_region, RATES.sampled)
    draw = rng.random(len(base))
    listed = draw < np.minimum(rate + 0.05, 1)
    person, rate, is_sampled = base[listed], rate[listed], (draw < rate)[listed]
    count = len(person)
    opted_out = stream(seed, "opt-outs").integers(0, 40 * window.months, people.count)[person]
    log_odds = (
        EFFECTS.answer_intercept
        + EFFECTS.answer_trait * people.trait[person]
        + EFFECTS.answer_score * (panel.score[month, person] - EFFECTS.satisfaction_mean)
        + EFFECTS.answer_service * np.nan_to_num(panel.experience[month, person])
    )
    answers = rng.random(count) < 1 / (1 + np.exp(-log_odds))
    status = np.where(answers, COMPLETED, SENT)
    status = np.where(rng.random(count) < 0.015, BOUNCED, status)
    status = np.where(opted_out < month, OPTED_OUT, status)
    status = np.where(is_sampled, status, NOT_SAMPLED)
    day = np.full(count, wave_day)
    invited_at = window.second(wave_day, 10 * 3600) + rng.integers(0, 7200, count)
    channel, value = address(people, identifiers, person, day, rng)
    number = first_number + np.arange(count)
    wave_date = window.start_second // DAY + day
    weight = pa.array(np.round(1 / rate, 4))
    invitations = pa.table(
        {
            "invite_ref": codes("INV", number, 9),
            "wave": dates(wave_date),
            "channel": channel,
            "contact": value,
            "invited": iso(invited_at),
            "state": pick(STATUSES, status),
            "weight": weight,
        }
    )
    done = np.flatnonzero(status == COMPLETED)
    delay = np.minimum(rng.exponential(0.8 * DAY, len(done)), 5 * DAY).astype(np.int64)
    answered_at = np.zeros(count, dtype=np.int64)
    answered_at[done] = invited_at[done] + 120 + delay
    channel, value = address(people, identifiers, person, day, rng)
    asked = _answers(rng, life, month, person[done])
    rows = done[np.concatenate([positions for positions, _ in asked])]
    question = np.repeat(np.arange(len(asked)), [len(positions) for positions, _ in asked])
    order = np.lexsort((question, answered_at[rows]))
    rows, question = rows[order], question[order]
    score = np.concatenate([values for _, values in asked])[order]
    at = pa.array(rows)
    answers_table = pa.table(
        {
            "response": codes("R", number[rows], 9),
            "invite_ref": codes("INV", number[rows], 9),
            "study": pick(("TRACKER",), np.zeros(len(rows), dtype=np.int64)),
            "wave": dates(wave_date[rows]),
            "channel": channel.take(at),
            "contact": value.take(at),
            "answered": iso(answered_at[rows]),
            "question": pick([item[0] for item in QUESTIONS], question),
            "value": pa.array(score),
            "comment": pa.nulls(len(rows), pa.string()),
            "weight": weight.take(at),
        }
    )
    return Wave(
        invitations,
        np.full(count, min(wave_day + 6, window.days - 1)),
        answers_table,
        window.day_of(answered_at[rows]),
    )


def make_exits(
    life: Life, identifiers: Identifiers, window: Window, seed: int
) -> tuple[pa.Table, np.ndarray]:
    """What a third of the leavers say a day or two after they left, in their own words."""
    rng = stream(seed, "exits")
    person = np.concatenate([who for who, _ in life.ever_left_at])
    at = np.concatenate([when for _, when in life.ever_left_at])
    chosen = rng.random(len(person)) < 0.33
    person, at = person[chosen], at[chosen] + rng.integers(DAY // 2, 2 * DAY, chosen.sum())
    person, at = person[at < window.second(window.days)], at[at < window.second(window.days)]
    order = np.argsort(at, kind="stable")
    person, at = person[order], at[order]
    day = window.day_of(at)
    channel, value = address(
        people=life.people, identifiers=identifiers, person=person, day=day, rng=rng
    )
    count = len(person)
    table = pa.table(
        {
            "response": codes("X", np.arange(count) + 1, 9),
            "invite_ref": pa.nulls(count, pa.string()),
            "study": pick(("EXIT",), np.zeros(count, dtype=np.int64)),
            "wave": pa.nulls(count, pa.date32()),
            "channel": channel,
            "contact": value,
            "answered": iso(at),
            "question": pick(("Q_WHY_LEFT",), np.zeros(count, dtype=np.int64)),
            "value": pa.nulls(count, pa.float64()),
            "comment": pick(LEAVING_TEXTS, rng.integers(0, len(LEAVING_TEXTS), count)),
            "weight": pa.nulls(count, pa.float64()),
        }
    )
    return table, day
