"""Whom an incident affected, what was decided and what came of it, against an oracle in Python."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pytest
from small_home import PROJECT

from saydo.actions import CREDITS, HAND_OVERS
from saydo.estimate import run_estimators
from saydo.estimate.intervals import newcombe
from saydo.settings import Settings

ZONE = ZoneInfo("America/Los_Angeles")
AS_OF = date(2025, 6, 30)
DAY = {"as_of_date": "2025-06-30", "as_of_end_at": "2025-07-01 07:00:00",
       "business_timezone": "America/Los_Angeles"}  # fmt: skip
UNTESTED = (
    "--exclude-resource-type", "unit_test", "--exclude-resource-type", "exposure",
    "--exclude-resource-type", "test",
)  # fmt: skip
QUERIES = re.findall(
    r"^```sql\n(.*?)^```",
    (PROJECT.parent / "docs" / "service-recovery.md").read_text(),
    re.M | re.S,
)
PEOPLE = range(1, 221)
SITES = ("S1", "S2", "S3", "S4")
RNG = np.random.default_rng(16)
# (incident, site, began, ended), UTC: over a local midnight, of some minutes, of days, not ended,
# at once at one site, before the days looked at, after the as-of day.
INCIDENTS = [
    ("i1", "S1", "2025-06-27 05:00", "2025-06-27 09:30"),
    ("i2", "S2", "2025-06-28 18:00", "2025-06-28 18:20"),
    ("i3", "S3", "2025-06-22 01:00", "2025-06-26 02:00"),
    ("i4", "S4", "2025-06-30 20:00", None),
    ("i5", "S1", "2025-06-27 08:00", "2025-06-27 12:00"),
    ("i6", "S2", "2025-06-10 08:00", "2025-06-10 12:00"),
    ("i7", "S3", "2025-07-01 07:00", "2025-07-01 12:00"),
]
DECIDED_AT = datetime(2025, 3, 16, 4)  # the evening of the 15th where the business is


def whose(person: int) -> dict[str, str]:
    return {"id_type": "msisdn", "id_key": f"m{person}"}


def left_on(person: int) -> str | None:
    """Local days 30, 31, 60, 90 and 91 after the decision, and long after."""
    if person % 7 < 2:
        days = (30, 31, 60, 90, 91, 100)[person // 7 % 6]
        return (datetime(2025, 3, 15, 19) + timedelta(days=days)).isoformat(" ")
    return None


def usage() -> list[dict]:
    rows = []
    for person in PEOPLE:
        usual, other = RNG.choice(SITES, 2, replace=False)
        for back in range(60):
            day = AS_OF - timedelta(days=back)
            used = {usual} if RNG.random() < 0.8 else set()
            used |= {other} if RNG.random() < 0.3 else set()
            rows += [
                whose(person)
                | {
                    "usage_date": day.isoformat(),
                    "site_code": str(site),
                    "session_count": 3,
                    "outage_minutes": int(RNG.choice([0, 0, 7, 400])),
                }
                for site in sorted(used)
            ]
    return rows  # fmt: skip


ROWS = usage()


def decision(person: int, **changes) -> dict:
    return {
        "decision_id": f"d{person}", "policy_code": "recovery", "policy_version": 1,
        "decided_for": f"then_{person}", "account_key": f"a{person}", "incident_id": "i0",
        "incident_date": "2025-03-14", "decision": "holdout" if person % 3 == 0 else "credit",
        "fault_minutes": 90, "is_measured": True, "credit_amount": 2, "currency_code": "EUR",
        "satisfaction_band": ("fan", "neutral")[person % 2],
        "decided_at": DECIDED_AT.isoformat(), "release_id": "r0",
    } | changes  # fmt: skip


def decisions() -> list[dict]:
    return [
        *(decision(n) for n in PEOPLE if n > 10),
        # Later than its first: the arm stays.
        decision(11, decision_id="d11b", decision="holdout", incident_date="2025-04-14",
                 decided_at="2025-04-16T04:00:00"),
        decision(3, decision="too_small", incident_date="2025-06-27"),
        decision(4, decision="credit", incident_date="2025-06-25",
                 decided_at="2025-06-26T04:00:00"),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def home(dbt, make_home):
    home = make_home("recovery")
    home.deliver("accounts", [{"account_key": f"a{n}", "opened_at": "2024-06-01",
                               "has_analytics_consent": n % 4 > 0} for n in PEOPLE])  # fmt: skip
    home.deliver(
        "account_identifiers",
        [{"account_key": f"a{n}", "valid_from_at": "2024-06-01"} | whose(n) for n in PEOPLE],
    )
    home.deliver(
        "subscriptions",
        [whose(n) | {"subscription_id": f"s{n}", "product_code": "basic", "product_type": "plan",
                     "recurring_amount": 10 + n, "currency": "EUR", "billing_interval": "month",
                     "started_at": "2024-11-01", "ended_at": left_on(n)} for n in PEOPLE],
    )  # fmt: skip
    home.deliver("transactions", charges())
    home.deliver("network_usage_daily", ROWS)
    home.deliver(
        "network_incidents",
        [{"incident_id": i, "site_code": site, "started_at": began, "ended_at": ended,
          "severity_code": "major"} for i, site, began, ended in INCIDENTS],
    )  # fmt: skip
    home.write_state(CREDITS.name, decisions(), CREDITS.schema)
    home.write_state(
        HAND_OVERS.name,
        [{"hand_over_id": "h", "decision_id": "d20", "destination": to,
          "handed_over_at": f"2025-03-1{at}"} for to, at in (("outbox", 7), ("billing", 8))],
        HAND_OVERS.schema,
    )  # fmt: skip
    statuses = dbt(home, "build", "path:seeds", "path:models", *UNTESTED, **DAY)
    assert set(statuses.values()) <= {"success", "pass"}, dbt.failures
    list(run_estimators(Settings(home=home.root), AS_OF, "k"))
    marts = ("service_recovery_queue", "service_recovery_outcomes")
    statuses = dbt(home, "build", marts[1], *UNTESTED, **DAY)
    assert set(statuses.values()) == {"success"}, dbt.failures
    read = ("path:models/intermediate/actions", "stg_network__incidents", *marts)
    statuses = dbt(home, "test", *read, "--exclude-resource-type", "unit_test", **DAY)
    assert set(statuses.values()) == {"pass"}, dbt.failures
    home.person = {
        row["customer_id"]: int(row["account_key"][1:])
        for row in home.rows("select * from intermediate.int_accounts_resolved")
    }
    return home


def charges() -> list[dict]:
    return [
        whose(n) | {"transaction_id": f"t{n}-{days}", "transaction_type": "charge",
                    "occurred_at": (DECIDED_AT + timedelta(days=days)).isoformat(" "),
                    "currency": "EUR", "amount": 5 + (n * days) % 7}
        for n in PEOPLE for days in (-5, 0, 1, 30, 31, 60, 90, 91)
    ]  # fmt: skip


def faults() -> dict[tuple[int, date], tuple[str, Decimal, bool]]:
    """(person, day) to incident, minutes and whether they were measured, row by row."""
    found: dict[tuple[int, date], tuple[str, Decimal, bool]] = {}
    for back in range(7):
        day = AS_OF - timedelta(days=back)
        begins = datetime(day.year, day.month, day.day, tzinfo=ZONE)
        ends = begins + timedelta(days=1)
        minutes = {}
        for incident, site, began, ended in INCIDENTS:
            start = datetime.fromisoformat(began + "+00:00")
            stop = datetime.fromisoformat(ended + "+00:00") if ended else ends
            lasted = (min(stop, ends) - max(start, begins)).total_seconds() / 60
            if lasted > 0 and start < datetime(2025, 7, 1, 7, tzinfo=ZoneInfo("UTC")):
                minutes[incident, site] = lasted
        for person in PEOPLE:
            mine = [row for row in ROWS if row["id_key"] == f"m{person}"]
            today = {r["site_code"] for r in mine if r["usage_date"] == day.isoformat()}
            first = (day - timedelta(days=28)).isoformat()
            before = Counter(
                r["site_code"] for r in mine if first <= r["usage_date"] < day.isoformat()
            )
            usual = min(before, key=lambda site: (-before[site], site), default=None)
            hit = {i: lasted for (i, site), lasted in minutes.items() if site in today | {usual}}
            if hit:
                incident = min(hit, key=lambda i: (-hit[i], i))
                out = sum(r["outage_minutes"] for r in mine if r["usage_date"] == day.isoformat())
                lasted = Decimal(max(hit[incident], min(out, 1440)))
                found[person, day] = (incident, lasted, out > 0)
    return found


def amount(person: int, minutes: Decimal) -> Decimal:
    due = Decimal(10 + person) * 12 / 365 * minutes / 1440 * 20
    return min(max(due.quantize(Decimal("0.01"), ROUND_HALF_UP), Decimal(1)), Decimal(20))


def test_the_queue_is_whom_an_incident_affected_and_what_was_decided(home):
    expected = {
        key: (*value, amount(key[0], value[1]), key[0] % 4 > 0)
        for key, value in faults().items()
        if left_on(key[0]) is None and key not in {(3, date(2025, 6, 27)), (4, date(2025, 6, 25))}
    }
    assert len(expected) > 150
    assert {value[0] for value in expected.values()} == {"i1", "i2", "i3", "i4", "i5"}
    waiting = home.rows("select * from marts.service_recovery_queue where decided_at is null")
    assert {
        (home.person[row["customer_id"]], row["incident_date"]): (
            row["incident_id"], row["fault_minutes"], row["is_measured"], row["credit_amount"],
            row["has_consent"],
        )
        for row in waiting
    } == expected  # fmt: skip


def test_decisions_are_told_as_they_were_taken_of_the_customer_of_today(home):
    rows = home.rows("select * from marts.service_recovery_queue where decided_at is not null")
    told = {row["decision_id"]: row for row in rows}
    assert told.keys() == {row["decision_id"] for row in decisions()}
    assert {home.person[told[f"d{n}"]["customer_id"]] for n in PEOPLE if n > 10} == set(PEOPLE) - {
        *range(1, 11)
    }
    assert told["d20"]["handed_over_at"] == datetime(2025, 3, 17)
    assert told["d21"]["handed_over_at"] is None and told["d3"]["decision"] == "too_small"


def _outcome(home, days: int, band: str) -> dict:
    (row,) = home.rows(
        "select * from marts.service_recovery_outcomes "
        f"where horizon_days = {days} and satisfaction_band = '{band}'"
    )
    return row


@pytest.mark.parametrize("days", [30, 60, 90])
@pytest.mark.parametrize("band", ["all", "fan"])
def test_outcomes_are_those_of_the_arms_as_assigned(home, days, band):
    arms = {"credit": [], "holdout": []}
    for person in PEOPLE:
        if person > 10 and (band == "all" or person % 2 == 0):
            arms[decision(person)["decision"]].append(person)
    until = datetime(2025, 3, 16) + timedelta(days=days)

    def gone(person: int) -> bool:
        # 19:00 UTC is noon where the business is: of the same day.
        return left_on(person) is not None and datetime.fromisoformat(left_on(person)) < (
            until + timedelta(hours=7)
        )

    def spent(person: int) -> int:
        return sum(5 + (person * on) % 7 for on in (1, 30, 31, 60, 90) if on <= days)

    row = _outcome(home, days, band)
    counts = [len(arms[arm]) for arm in ("credit", "holdout")]
    assert [row["credited_count"], row["holdout_count"]] == counts
    assert row["pending_count"] == 1  # of person 4, credited in June, the days are not over
    left = [sum(map(gone, arms[arm])) for arm in ("credit", "holdout")]
    assert sum(left) > 0
    (low,), (high,) = newcombe(*(np.array([n]) for n in (left[0], counts[0], left[1], counts[1])))
    value = left[0] / counts[0] - left[1] / counts[1]
    assert float(row["churn_difference"]) == pytest.approx(value, abs=1e-6)
    assert float(row["churn_ci_low"]) == pytest.approx(low, abs=1e-6)
    assert float(row["churn_ci_high"]) == pytest.approx(high, abs=1e-6)
    means = [np.mean([spent(person) for person in arms[arm]]) for arm in ("credit", "holdout")]
    assert float(row["revenue_difference"]) == pytest.approx(means[0] - means[1], abs=0.006)


@pytest.mark.parametrize("query", QUERIES)
def test_the_documented_questions_have_answers(home, query):
    with duckdb.connect(str(home.root / "warehouse.duckdb"), read_only=True) as connection:
        connection.execute("set schema = 'marts'")
        assert connection.execute(query).fetchall()


def test_there_are_documented_questions():
    assert len(QUERIES) == 2
