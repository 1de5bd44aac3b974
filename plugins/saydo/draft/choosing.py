"""Which canonical table a file fills, and which of its columns say which canonical one."""

from __future__ import annotations

import re
from collections.abc import Iterable

from saydo.contract import SOURCES
from saydo.draft.column import Column
from saydo.draft.synonyms import COLUMNS, FILES, MEASURES, MONTHLY, NO_AMOUNT, QUESTIONS, VALUES
from saydo.draft.table import Table
from saydo.draft.words import nearness, words_of

_LARGEST_SCORE = 10
_SENTINELS = {-99, -98, -97, -1, 98, 99, 999, -999}
_QUESTION = re.compile(r"(?i)q\d+([_.]\w+)*|.*\?\s*|(\S+\s+){4,}\S+.*")
# `value` or `answer` says that there is a score only beside a question's code.
_STRONG_SCORES = tuple(
    phrase
    for phrase in COLUMNS["survey_responses"]["score"]
    if not {"v", "value", "no", "answer"} & set(phrase.split())
)
_PLAIN_ROLES = ("recommend", "overall_satisfaction", "cancel_reason")  # one word says them
_FEWEST_WORDS = 3  # by which other words of a name ask something
_WHOLE = re.compile(r"-?\d+([.]0+)?")
_NEAR = 0.45
_LACKING = 0.2  # what a column of gaps counts less, where a value is required
_KNOWN = 0.6  # of the values are words for the contract's
_FEW = 0.005


def matched(table: Table, target: str, besides: Iterable[str] = ()) -> dict[str, Column]:
    """Canonical column to the file's, each used once, the nearest names first.

    Args:
        table: the sampled file.
        target: a canonical table.
        besides: names of the file's columns that are something else.
    """
    types = {column.name: column.type for column in SOURCES[target].columns}
    needed = {column.name for column in SOURCES[target].columns if column.is_required}
    left_out = set(besides)
    pairs = []
    for name, phrases in COLUMNS[target].items():
        for place, column in enumerate(table.columns):
            if column.name in left_out or not _fits_type(column, types[name]):
                continue
            if (near := nearness(column.words, phrases)) > _NEAR:
                near -= _LACKING * (name in needed and column.missing_share > _FEW)
                pairs.append((-near, place, name, column))
    pairs.sort(key=lambda pair: pair[:3])
    found: dict[str, Column] = {}
    for _, _, name, column in pairs:
        if name not in found and column not in found.values():
            found[name] = column
    return found


def _fits_type(column: Column, wanted: str) -> bool:
    if column.kind == "empty":
        return False
    if wanted in ("instant", "date"):
        return column.kind == "time"
    if wanted in ("money", "number", "integer"):
        return column.is_number
    if wanted == "boolean":
        return column.kind == "boolean"
    return column.kind not in ("time", "email", "boolean")


def amounts(table: Table, besides: Iterable[str] = ()) -> list[Column]:
    """Columns of sums that were charged or paid, the likeliest first."""
    left_out = set(besides)
    ranked = [
        (-near, place, column)
        for place, column in enumerate(table.columns)
        if column.name not in left_out
        and column.is_number
        and not set(column.words) & (NO_AMOUNT | MONTHLY)
        and (near := nearness(column.words, COLUMNS["transactions"]["amount"])) > _NEAR
    ]
    return [column for _, _, column in sorted(ranked, key=lambda item: item[:2])]


def recurring(table: Table, besides: Iterable[str] = ()) -> Column | None:
    """The column of a price that comes again each interval."""
    left_out = set(besides)
    ranked = [
        (near + (set(column.words) & MONTHLY != set()), -place, column)
        for place, column in enumerate(table.columns)
        if column.name not in left_out
        and column.is_number
        and not set(column.words) & NO_AMOUNT
        and (near := nearness(column.words, COLUMNS["subscriptions"]["recurring_amount"])) > _NEAR
    ]
    return max(ranked, key=lambda item: item[:2])[2] if ranked else None


def measures(table: Table, besides: Iterable[str] = ()) -> dict[str, Column]:
    """Built-in measure to the file's column."""
    left_out = set(besides)
    pairs = sorted(
        (
            (-near, place, name, column)
            for name, phrases in MEASURES.items()
            for place, column in enumerate(table.columns)
            if column.name not in left_out
            and (column.is_number or _is_clock(column))
            and (near := nearness(column.words, phrases)) > _NEAR
        ),
        key=lambda pair: pair[:3],
    )
    found: dict[str, Column] = {}
    for _, _, name, column in pairs:
        if name not in found and column not in found.values():
            found[name] = column
    return found


def _is_clock(column: Column) -> bool:
    return bool(column.shown) and all(re.fullmatch(r"\d+:\d{2}:\d{2}", v) for v in column.shown)


def scores(table: Table, besides: Iterable[str] = ()) -> list[Column]:
    """Columns of answers on a scale, one question each."""
    left_out = set(besides)
    return [
        column
        for column in table.columns
        if column.name not in left_out
        and is_on_scale(column)
        and (nearness(column.words, _STRONG_SCORES) > _NEAR or is_question(column))
    ]


def is_question(column: Column) -> bool:
    """Whether a column's name or label asks something."""
    text = column.label or column.name
    if _QUESTION.fullmatch(column.name) or _QUESTION.fullmatch(text):
        return True
    words = words_of(text)
    roles = QUESTIONS if len(words) >= _FEWEST_WORDS else _PLAIN_ROLES
    return any(nearness(words, QUESTIONS[role]) > _NEAR for role in roles)


def is_on_scale(column: Column) -> bool:
    """Whether all values, but for those that stand for no answer, are whole numbers of a scale."""
    numbers = answered(column)
    return (
        column.kind == "number"
        and bool(numbers)
        and all(number == int(number) and 0 <= number <= _LARGEST_SCORE for number in numbers)
    )


def answered(column: Column) -> list[float]:
    """The numbers of a column without those that stand for no answer."""
    stands = _stands_for_none(column)
    return [number for number in column.numbers if number not in stands]


def sentinels(column: Column) -> list[str]:
    """The values of a column that stand for no answer, as written."""
    stands = _stands_for_none(column)
    return sorted(v for v in column.shown if _WHOLE.fullmatch(v) and float(v) in stands)


def _stands_for_none(column: Column) -> set[float]:
    """99 is an answer on a scale to 100, and none on a scale to 10."""
    found = _SENTINELS & set(column.numbers)
    others = [number for number in column.numbers if number not in _SENTINELS]
    return found if others and max(others) <= _LARGEST_SCORE else {n for n in found if n < 0}


def fits(table: Table, target: str, besides: Iterable[str] = ()) -> float:
    """How well a file fills a canonical table: 0 if it lacks what that is about."""
    besides = set(besides)
    has = matched(table, target, besides)
    is_named = 2.0 * bool(FILES[target] & table.file_words)
    if target == "transactions":
        return (
            2 + ("occurred_at" in has) + ("transaction_id" in has) / 2 + is_named
            if amounts(table, besides)
            else 0
        )
    if target == "subscriptions":
        price = recurring(table, besides)
        signs = len({"started_at", "billing_interval", "product_code"} & set(has))
        if price is None or not (
            is_named or set(price.words) & MONTHLY or {"started_at", "billing_interval"} & set(has)
        ):
            return 0
        return 2 + signs / 2 + ("subscription_id" in has) / 2 + is_named
    if target == "survey_responses":
        is_long = "question_code" in has and ("score" in has or "answer_text" in has)
        if asked := scores(table, besides):
            return 3 + is_named + min(len(asked), 4) / 4
        return 3 + is_named if is_long and is_named else 2.5 * is_long
    if target in ("network_usage_daily", "network_sessions"):
        return _network(table, target, besides, has, is_named)
    if target == "relationships":
        is_said = "relation_type" in has and _says(has["relation_type"], "relation_type")
        is_whole = {"to_id_value", "since_at"} <= set(has) and (is_named or is_said)
        return is_whole * (3 + is_named + is_said)
    needed: dict[str, tuple[set[str], set[str]]] = {
        "network_incidents": ({"site_code", "started_at"}, {"severity_code", "cause_type"}),
        "survey_invitations": ({"invited_at", "status"}, {"invitation_id", "wave_date"}),
        "experiment_assignments": ({"variant_code"}, {"experiment_code", "assigned_at"}),
        "interactions": ({"occurred_at"}, {"channel_code", "topic_code", "interaction_type"}),
        "erasure_requests": ({"requested_at"}, {"request_id"}),
    }
    all_of, any_of = needed[target]
    if not all_of <= set(has) or not any_of & set(has):
        return 0
    if target == "erasure_requests" and not is_named:
        return 0
    if target == "interactions" and not (is_named or {"interaction_id", "channel_code"} & set(has)):
        return 0
    if target == "survey_invitations" and not _says(has["status"], "status"):
        return 0
    return 1 + len(any_of & set(has)) / 2 + is_named + (target != "interactions")


def _network(
    table: Table, target: str, besides: set[str], has: dict[str, Column], is_named: float
) -> float:
    counted = measures(table, besides | {column.name for column in has.values()})
    when = has.get("usage_date" if target == "network_usage_daily" else "started_at")
    if not counted or when is None:
        return 0
    has_clock = bool(when.times and when.times.has_clock)
    is_session = has_clock or "ended_at" in has or "session_id" in has
    if not (len(counted) > 1 or is_named or "site_code" in has or not amounts(table, besides)):
        return 0
    return 2 + min(len(counted), 4) / 2 + is_named + (is_session == (target == "network_sessions"))


def _says(column: Column, values: str) -> bool:
    return allowed_values(column, values) is not None


def allowed_values(column: Column, of: str) -> dict[str, str] | None:
    """Each value of a column to the contract's, if all but a few are known; else None."""
    known = {phrase: value for value, phrases in VALUES[of].items() for phrase in (*phrases, value)}
    if len(column.distinct) > 30:
        return None
    found = {
        value: known[plain]
        for value in column.shown
        if (plain := value.lower().replace("_", " ").replace("-", " ")) in known
        or (plain := value.lower()) in known
    }
    return found if found and len(found) >= _KNOWN * len(column.distinct) else None
