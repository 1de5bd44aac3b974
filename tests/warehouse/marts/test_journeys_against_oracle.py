"""Random lives are cut into journeys, compared and summed as an oracle in plain Python says."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from statistics import mean, median

import duckdb
import pytest

from saydo.config import Policy
from saydo.estimate import ESTIMATORS
from saydo.estimate.running import run_estimators
from saydo.settings import Settings

AS_OF = date(2025, 6, 30)
DAY = {"as_of_date": AS_OF.isoformat(), "as_of_end_at": "2025-07-01 00:00:00"}
END = datetime(2025, 7, 1)
GAP, ANSWER = timedelta(days=14), timedelta(days=90)
SOURCES = ("network_usage_daily", "transactions", "subscriptions", "interactions",
           "survey_invitations", "survey_responses")  # fmt: skip
TYPES = {
    "network_usage_daily": ("fault_day",),
    "transactions": ("refund", "credit", "one_off"),
    "subscriptions": ("subscription_started", "subscription_ended"),
    "interactions": ("contact", "complaint"),
    "survey_invitations": ("survey_invited",),
    "survey_responses": ("survey_answered",),
}
START = {"fault_day": "fault", "refund": "bill", "credit": "bill", "contact": "contact",
         "complaint": "contact", "survey_invited": "survey",
         "survey_answered": "survey"}  # fmt: skip
COLUMNS = ("source", "event_type", "event_id", "customer_id", "topic_code", "amount", "score",
           "is_resolved", "occurred_at")  # fmt: skip
MODELS = ("path:models/intermediate/actions/journeys", "customer_events", "journey_steps")


def life(chance: random.Random, customer: str) -> list[dict]:
    """Events on few instants, so that several are at one and gaps are just a gap."""
    events, at = [], datetime(2025, 1, 1)
    for number in range(chance.randint(1, 40)):
        hours = chance.choice([0, 0, 1, 24, 24, 100, 336, 336, 337, 700])
        at += timedelta(hours=hours)
        if at >= END:
            break
        source = chance.choice(SOURCES)
        kind = chance.choice(TYPES[source])
        says, answers = source == "interactions", source == "survey_responses"
        events.append(
            {
                "source": source, "event_type": kind, "customer_id": customer,
                "event_id": f"{customer}:{chance.randint(0, 9)}:{number}", "amount": None,
                "topic_code": chance.choice(["bill", "network", None]) if says else
                chance.choice(["overall_satisfaction", "recommend"]) if answers else None,
                "score": chance.choice([None, *range(11)]) if answers else None,
                "is_resolved": chance.choice([True, False, None]) if says else None,
                "occurred_at": at,
            }
        )  # fmt: skip
    return events


def lapses(chance: random.Random, events: list[dict]) -> list[tuple]:
    """Spans without an active subscription, each over before the next begins."""
    ends = sorted({e["occurred_at"] for e in events if e["event_type"] == "subscription_ended"})
    return [
        (events[0]["customer_id"], "lapsed", at, min(at + timedelta(hours=hours), until))
        for at, until in zip(ends, [*ends[1:], END], strict=False)
        for hours in [chance.choice([0, 0.5, 9999])]
        if hours
    ]


def place(event: dict) -> tuple:
    """By instant, and at one instant by source, type and id."""
    source = SOURCES.index(event["source"])
    return event["occurred_at"], source, event["event_type"], event["event_id"]


def journeys_of(events: list[dict], gone: list[tuple]) -> list[dict]:
    """The journeys of one customer, each with its steps."""
    events = sorted(events, key=place)
    answers = [
        number for number, e in enumerate(events)
        if e["topic_code"] == "overall_satisfaction" and e["score"] is not None
    ]  # fmt: skip
    cut, topic = [], None
    for number, event in enumerate(events):
        last = events[number - 1]["occurred_at"] if number else None
        says = event["topic_code"] if event["source"] == "interactions" else None
        is_new = last is None or event["occurred_at"] - last > GAP
        if is_new:
            topic = None
        if is_new or (says and topic and says != topic and event["occurred_at"] > last):
            cut.append([])
        topic = says or topic
        earlier = [events[n] for n in answers if n < number][-1:]
        later = [events[n] for n in answers if n > number][:1]
        at = event["occurred_at"]
        before = [a["score"] for a in earlier if at - a["occurred_at"] <= ANSWER]
        after = [a["score"] for a in later if a["occurred_at"] - at <= ANSWER]
        cut[-1].append(event | {"before": (before or [None])[0], "after": (after or [None])[0]})
    return [judged(steps, gone) for steps in cut]


def judged(steps: list[dict], gone: list[tuple]) -> dict:
    begun, ended = steps[0]["occurred_at"], steps[-1]["occurred_at"]
    path: list[dict] = []
    for number, step in enumerate(steps):
        if number and step["source"].startswith("survey"):
            continue
        if not path or path[-1]["event_type"] != step["event_type"]:
            path.append(step | {"number": number + 1})
    said = [
        s for s in steps if s["source"] == "interactions" or s["event_type"] in ("refund", "credit")
    ]
    outcome = "quiet"
    if any(begun <= since <= ended < until for _, _, since, until in gone):
        outcome = "left"
    elif ended + GAP >= END:
        outcome = "open"
    elif said and (said[-1]["source"] != "interactions" or said[-1]["is_resolved"]):
        outcome = "resolved"
    ends = (path[0]["before"], path[-1]["after"])
    return {
        "customer_id": steps[0]["customer_id"], "started_at": begun, "ended_at": ended,
        "start_type": START.get(steps[0]["event_type"], "purchase"), "steps": steps, "path": path,
        "text": " > ".join(s["event_type"] for s in path[:5]) + " > ..." * (len(path) > 5),
        "outcome": outcome, "change": None if None in ends else ends[1] - ends[0],
    }  # fmt: skip


@pytest.fixture(scope="module")
def world(dbt, make_home):
    """(home, journeys of the oracle)."""
    home, chance = make_home("journeys"), random.Random(5)
    lives = [life(chance, f"c{n:03}") for n in range(150)]
    gone = [lapses(chance, events) for events in lives]
    with duckdb.connect(str(home.root / "warehouse.duckdb")) as connection:
        connection.execute(
            "create schema intermediate; create table intermediate.int_customer_events_listed ("
            "source varchar, event_type varchar, event_id varchar, customer_id varchar, "
            "topic_code varchar, amount decimal(18, 2), score decimal(18, 6), "
            "is_resolved boolean, occurred_at timestamp); "
            "create table intermediate.int_statuses_spanned_to_customers (customer_id varchar, "
            "customer_status varchar, valid_from_at timestamp, valid_to_at timestamp)"
        )
        rows = [[event[name] for name in COLUMNS] for events in lives for event in events]
        marks = ", ".join("?" * len(COLUMNS))
        connection.executemany(
            f"insert into intermediate.int_customer_events_listed values ({marks})", rows
        )
        connection.executemany(
            "insert into intermediate.int_statuses_spanned_to_customers values (?, ?, ?, ?)",
            [span for spans in gone for span in spans],
        )
    dbt.build_models(home, *MODELS, **DAY)
    oracle = [
        one for events, spans in zip(lives, gone, strict=True) for one in journeys_of(events, spans)
    ]
    return home, oracle


def key(journey: dict) -> tuple:
    return journey["customer_id"], journey["started_at"]


def test_every_journey_has_its_steps_and_its_end(world):
    home, oracle = world
    rows = home.rows("select * from intermediate.int_journeys_summarised")
    assert len({row["journey_id"] for row in rows}) == len(rows) == len(oracle) > 500
    found = {key(row): row for row in rows}
    for journey in oracle:
        row = found[key(journey)]
        assert row["ended_at"] == journey["ended_at"]
        assert row["step_count"] == len(journey["steps"])
        for name in ("start_type", "outcome"):
            assert row[name] == journey[name]
        assert (row["path"], row["path_step_count"]) == (journey["text"], len(journey["path"]))
        assert row["satisfaction_change"] == journey["change"]
        hours = (journey["ended_at"] - journey["started_at"]).total_seconds() / 3600
        assert float(row["elapsed_hours"]) == pytest.approx(hours, abs=1e-4)
    assert {journey["outcome"] for journey in oracle} == {"left", "open", "resolved", "quiet"}


def test_every_step_is_the_event_that_it_was_and_knows_the_answers_around_it(world):
    home, oracle = world
    rows = home.rows(
        "select steps.*, journeys.started_at from intermediate.int_journey_steps_compared as steps "
        "inner join intermediate.int_journeys_summarised as journeys using (journey_id)"
    )
    found = {(row["customer_id"], row["started_at"], row["step_number"]): row for row in rows}
    for journey in oracle:
        for number, step in enumerate(journey["steps"], start=1):
            row = found.pop((*key(journey), number))
            assert (row["event_type"], row["event_id"]) == (step["event_type"], step["event_id"])
            assert (row["satisfaction_before"], row["satisfaction_after"]) == (
                step["before"], step["after"],
            )  # fmt: skip
    assert not found


def test_events_and_steps_are_published_alike(world):
    home, oracle = world
    events = home.rows("select journey_id, step_number, event_type from marts.customer_events")
    steps = home.rows("select * from marts.journey_steps order by journey_id, step_number")
    assert len(events) == len(steps) == sum(len(journey["steps"]) for journey in oracle)
    previous = None
    for row in steps:
        hours = row["hours_since_previous"]
        if row["step_number"] == 1:
            assert hours is None
        else:
            apart = (row["occurred_at"] - previous["occurred_at"]).total_seconds() / 3600
            assert float(hours) == pytest.approx(apart, abs=1e-4)
        previous = row


def test_paths_are_sums_over_customers_of_whom_each_counts_once(world):
    home, oracle = world
    of_path = defaultdict(list)
    for journey in oracle:
        of_path[journey["start_type"], journey["text"]].append(journey)
    rows = home.rows("select * from intermediate.int_journey_paths_summarised")
    assert {(row["start_type"], row["path"]) for row in rows} == of_path.keys()
    for row in rows:
        taken = of_path[row["start_type"], row["path"]]
        over = [j for j in taken if j["outcome"] != "open"]
        assert row["journey_count"] == len(taken)
        assert row["customer_count"] == len({j["customer_id"] for j in taken})
        assert row["closed_count"] == len(over)
        assert row["resolved_count"] == sum(j["outcome"] == "resolved" for j in taken)
        assert row["left_count"] == sum(j["outcome"] == "left" for j in taken)
        hours = [(j["ended_at"] - j["started_at"]).total_seconds() / 3600 for j in over]
        assert row["median_hours"] is None or float(row["median_hours"]) == pytest.approx(
            median(hours), abs=1e-4
        )
        assert (row["median_hours"] is None) == (not over)
        check_sums(row, [(j["customer_id"], j["change"]) for j in taken])


def test_each_step_of_a_path_has_the_changes_around_it(world):
    home, oracle = world
    of_step = defaultdict(list)
    for journey in oracle:
        for number, step in enumerate(journey["path"][:5], start=1):
            ends = (step["before"], step["after"])
            change = None if None in ends else ends[1] - ends[0]
            at = (journey["start_type"], journey["text"], number, step["event_type"])
            of_step[at].append((journey["customer_id"], change))
    rows = home.rows("select * from intermediate.int_journey_path_steps_summarised")
    assert len(rows) == len(of_step)
    for row in rows:
        at = tuple(row[n] for n in ("start_type", "path", "path_step_number", "event_type"))
        check_sums(row, of_step[at])


def check_sums(row: dict, changes: list[tuple]) -> None:
    of_customer = defaultdict(list)
    for customer, change in changes:
        if change is not None:
            of_customer[customer].append(change)
    means = [mean(own) for own in of_customer.values()]
    assert row["answered_customer_count"] == len(means)
    assert float(row["total_change"]) == pytest.approx(sum(means), abs=1e-6)
    assert float(row["total_squared_change"]) == pytest.approx(sum(m * m for m in means), abs=1e-6)


def test_a_journey_names_the_step_that_its_path_names(dbt, world):
    home, _ = world
    (home.root / "policy.yml").write_text("journeys: {min_customers: 2}\n")
    settings = Settings(home=home.root, policy_file=home.root / "policy.yml")
    estimators = [one for one in ESTIMATORS if one.name == "journey_paths"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("saydo.estimate.running.ESTIMATORS", tuple(estimators))
        list(run_estimators(settings, AS_OF, "k"))
    dbt.build_models(home, "customer_journeys", "journey_paths", **DAY)
    paths = {
        (row["start_type"], row["path"]): row
        for row in home.rows("select * from marts.journey_paths")
    }
    named = 0
    for row in home.rows("select * from marts.customer_journeys"):
        path = paths[row["start_type"], row["path"]]
        assert (row["worst_step_number"] is None) == (path["worst_step"] is None)
        if path["worst_step"]:
            named += 1
            (step,) = home.rows(
                "select event_type from marts.journey_steps where journey_id = "
                f"'{row['journey_id']}' and step_number = {row['worst_step_number']}"
            )
            assert step["event_type"] == path["worst_step"]
    assert named


def test_the_gap_and_the_reach_of_answers_are_those_of_the_policy():
    assert Policy().journeys.gap_days == GAP.days and Policy().journeys.answer_days == ANSWER.days
