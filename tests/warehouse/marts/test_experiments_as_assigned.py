"""Experiments from assignments to readouts, and the questions that docs/experiments.md answers."""

from __future__ import annotations

import re
from datetime import date

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest
from small_home import PROJECT
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from saydo.estimate import run_estimators
from saydo.settings import Settings

DAY = {"as_of_date": "2025-06-30", "as_of_end_at": "2025-07-01 07:00:00"}
ZONE = {"business_timezone": "America/Los_Angeles"}
UNTESTED = (
    "--exclude-resource-type", "unit_test", "--exclude-resource-type", "exposure",
    "--exclude-resource-type", "test",
)  # fmt: skip
DATA_TESTS = ("--exclude-resource-type", "unit_test")
QUERIES = re.findall(
    r"^```sql\n(.*?)^```", (PROJECT.parent / "docs" / "experiments.md").read_text(), re.M | re.S
)
PEOPLE = range(1, 241)
METRICS = ("revenue", "left", "new_services", "satisfaction")
# Local evening of the last of February; UTC says March.
AT = "2025-03-01 06:00"


def whose(person: int) -> dict[str, str]:
    return {"id_type": "msisdn", "id_key": f"m{person}"}


def assigned(code: str, person: int, variant: str, at: str = AT, **whom) -> dict:
    return whose(person) | {
        "experiment_code": code, "variant_code": variant, "assigned_at": at,
    } | whom  # fmt: skip


def arm(person: int) -> str:
    return "called" if person % 2 else "control"


def assignments() -> list[dict]:
    """Each experiment is named for what is wrong with it; of `call` and `three` nothing is."""
    return [
        *(assigned("call", n, arm(n)) for n in PEOPLE),
        *(assigned("three", n, ("holdout", "letter", "visit")[n % 3]) for n in PEOPLE),
        *(assigned("alone", n, "control") for n in PEOPLE),
        *(assigned("nameless", n, "ab"[n % 2]) for n in PEOPLE),
        *(assigned("uneven", n, "control" if n % 4 else "offer") for n in PEOPLE),
        *(assigned("both", n, arm(n)) for n in PEOPLE),
        *(assigned("both", n, arm(n + 1), id_type="panel_id", id_key=f"p{n}") for n in (1, 2, 3)),
        *(assigned("strangers", n + 1000, arm(n)) for n in PEOPLE),
        *(assigned("today", n, arm(n), at="2025-06-30 12:00") for n in PEOPLE),
        *(assigned("tomorrow", n, arm(n), at="2025-07-01 07:00") for n in PEOPLE),
        # One number too many, and one person twice in the same variant.
        assigned("call", 1001, "control"),
        assigned("call", 2, "control", id_type="panel_id", id_key="p2"),
    ]


def score(person: int, month: int) -> int:
    called = person % 2 and month > 2
    return min(10, (person * 7 + month * 3) % 9 + 2 * bool(called))


def charges(person: int) -> list[dict]:
    return [
        whose(person) | {
            "transaction_id": f"t{person}-{month}", "occurred_at": f"2025-{month:02}-10 12:00",
            "transaction_type": "charge", "currency": "EUR",
            "amount": 20 + person % 17 + (person * month) % 5 + (person % 2) * (month > 2),
        }
        for month in range(1, 7)
    ]  # fmt: skip


def plans(person: int) -> list[dict]:
    plan = whose(person) | {
        "subscription_id": f"s{person}", "product_code": "basic", "product_type": "plan",
        "recurring_amount": 20, "currency": "EUR", "billing_interval": "month",
        "started_at": "2024-11-01",
        "ended_at": "2025-04-10" if person % (12 if person % 2 else 5) == 1 else None,
    }  # fmt: skip
    added = plan | {"subscription_id": f"a{person}", "product_type": "add_on", "ended_at": None,
                    "product_code": "tv", "started_at": f"2025-0{1 + person % 5}-20"}  # fmt: skip
    return [plan, added] if person % 3 == 0 and plan["ended_at"] is None else [plan]


@pytest.fixture(scope="module")
def home(dbt, make_home):
    home = make_home("experiments")
    home.deliver(
        "accounts",
        [{"account_key": f"a{n}", "opened_at": "2024-06-01", "customer_type": "consumer",
          "region_code": "north"} for n in PEOPLE],
    )  # fmt: skip
    home.deliver(
        "account_identifiers",
        [{"account_key": f"a{n}", "valid_from_at": "2024-06-01"} | whom for n in PEOPLE
         for whom in (whose(n), {"id_type": "panel_id", "id_key": f"p{n}"})],
    )  # fmt: skip
    home.deliver("subscriptions", [plan for n in PEOPLE for plan in plans(n)])
    home.deliver("transactions", [charge for n in PEOPLE for charge in charges(n)])
    home.deliver(
        "survey_responses",
        [whose(n) | {"response_id": f"r{month}-{n}", "survey_code": "wave", "scale_min": 0,
                     "scale_max": 10, "question_code": "overall", "score": score(n, month),
                     "responded_at": f"2025-0{month}-15 10:00"}
         for n in PEOPLE for month in range(1, 7) if (n + month) % 3],
    )  # fmt: skip
    home.deliver("experiment_assignments", assignments())
    statuses = dbt(home, "build", "path:seeds", "path:models", *UNTESTED, **ZONE, **DAY)
    assert set(statuses.values()) <= {"success", "pass"}, dbt.failures
    list(run_estimators(Settings(home=home.root), date(2025, 6, 30), "k"))
    statuses = dbt(home, "build", "experiment_readouts", *UNTESTED, **ZONE, **DAY)
    assert set(statuses.values()) == {"success"}, dbt.failures
    read = ("path:models/intermediate/effects", "stg_interactions__experiment_assignments")
    statuses = dbt(home, "test", *read, "experiment_readouts", *DATA_TESTS, **ZONE, **DAY)
    assert set(statuses.values()) == {"pass"}, dbt.failures
    return home


def readouts(home, code: str, segment_type: str = "all") -> dict[tuple[str, str, str], dict]:
    rows = home.rows(
        f"select * from marts.experiment_readouts where experiment_code = '{code}' "
        f"and segment_type = '{segment_type}'"
    )
    return {(row["variant_code"], row["metric_code"], row["segment_code"]): row for row in rows}


def measured(home) -> dict[int, dict[str, tuple[float, float]]]:
    """Of each person what came before and after February, straight from the published months."""
    rows = home.rows(
        "select account_key, months.* from marts.customer_months as months "
        "inner join intermediate.int_accounts_resolved as accounts using (customer_id) "
        "order by account_key, month_start_date"
    )
    people: dict[int, dict[str, tuple[float, float]]] = {}
    for person in PEOPLE:
        own = [row for row in rows if row["account_key"] == f"a{person}"]
        after = [r for r in own if date(2025, 3, 1) <= r["month_start_date"] <= date(2025, 5, 1)]
        before = [r for r in own if date(2024, 11, 1) <= r["month_start_date"] < date(2025, 2, 1)]

        def scores(months):
            told = [float(m["satisfaction_score"]) for m in months
                    if m["satisfaction_score"] is not None]  # fmt: skip
            return round(sum(told) / len(told), 4) if told else None

        people[person] = {
            "revenue": tuple(
                sum(float(m["revenue"]) for m in part) / 3 for part in (after, before)
            ),
            "left": tuple(float(any(m["is_churned"] for m in part)) for part in (after, before)),
            "new_services": tuple(
                float(sum(m["new_service_count"] for m in part)) for part in (after, before)
            ),
            "satisfaction": (scores(after), scores(before)),
        }
    return people


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(
    ("code", "control", "variants"),
    [("call", "control", ["called"]), ("three", "holdout", ["letter", "visit"])],
)
def test_a_readout_is_that_of_numpy_and_statsmodels(home, metric, code, control, variants):
    people = measured(home)
    variant = {n: arm(n) if code == "call" else ("holdout", "letter", "visit")[n % 3]
               for n in PEOPLE}  # fmt: skip
    known = [n for n in PEOPLE if people[n][metric][0] is not None]
    befores = [people[n][metric][1] for n in PEOPLE if people[n][metric][1] is not None]
    after = np.array([people[n][metric][0] for n in known])
    before = np.array([np.mean(befores) if people[n][metric][1] is None else people[n][metric][1]
                       for n in known])  # fmt: skip
    spread = before.var(ddof=1)
    adjusted = after - (np.cov(before, after)[0, 1] / spread if spread else 0) * (
        before - before.mean()
    )
    told = readouts(home, code)
    for name in variants:
        row = told[name, metric, "all"]
        one, other = (adjusted[[variant[n] == which for n in known]] for which in (name, control))
        judge = CompareMeans(DescrStatsW(one), DescrStatsW(other))
        low, high = judge.tconfint_diff(usevar="unequal")
        assert row["is_valid"] and row["customer_count"] == len(one)
        assert float(row["difference"]) == pytest.approx(one.mean() - other.mean(), abs=2e-6)
        assert float(row["ci_low"]) == pytest.approx(low, abs=2e-6)
        assert float(row["ci_high"]) == pytest.approx(high, abs=2e-6)
        p_value = judge.ttest_ind(usevar="unequal")[1]
        assert float(row["p_value"]) == pytest.approx(p_value, abs=2e-6)


def test_what_was_assigned_is_counted_once(home):
    control = readouts(home, "call")["control", "revenue", "all"]
    counts = {name: control[name] for name in control if name.endswith("_count")}
    assert counts == {
        "customer_count": 120, "assigned_count": 120, "pending_count": 0, "two_variant_count": 0,
        "unknown_count": 1,
    }  # fmt: skip
    assert readouts(home, "both")["control", "left", "all"]["two_variant_count"] == 3


def test_bands_are_those_before_the_month_of_assignment(home):
    of_bands = readouts(home, "call", "latest_satisfaction_band")
    found = {}
    for (_, metric, band), row in of_bands.items():
        if metric == "left":
            found[band] = found.get(band, 0) + row["customer_count"]
    # Who was not asked in January had not been asked at all.
    bands = {}
    for person in PEOPLE:
        told = score(person, 1) if (person + 1) % 3 else None
        band = ("never_asked" if told is None else "dissatisfied" if told < 5
                else "fan" if told >= 9 else "neutral")  # fmt: skip
        bands[band] = bands.get(band, 0) + 1
    assert found == bands


REFUSED = {
    "alone": "one variant only (control)",
    "nameless": "no variant is called control",
    "uneven": "customers by variant (control 180, offer 60)",
    "both": "3 of 240 customers are in two variants",
    "strangers": "none of the 240 assigned identifiers belongs to a customer",
    "today": "too early: nobody is measured before 2025-09-30 is over",
}


@pytest.mark.parametrize("code", REFUSED)
def test_what_must_not_be_read_says_why_and_has_no_figure(home, code):
    rows = readouts(home, code).values()
    assert {row["metric_code"] for row in rows} == set(METRICS)
    for row in rows:
        assert not row["is_valid"] and row["why_not"].startswith(REFUSED[code])
        assert row["mean"] is row["difference"] is row["p_value"] is row["link_estimate"] is None


def test_an_assignment_after_the_as_of_day_has_not_happened_yet(home):
    assert readouts(home, "tomorrow") == {}


def test_the_experiment_stands_beside_what_is_seen_without_one(home, dbt):
    """A point of satisfaction in a month. So few tell nothing publishable of it by themselves."""
    called = readouts(home, "call")
    row, moved = called["called", "left", "all"], called["called", "satisfaction", "all"]
    assert row["link"] == "satisfaction_to_churn" and row["link_agreement"] is None
    estimate = float(row["link_estimate"])
    assert estimate == pytest.approx(float(row["difference"] / moved["difference"]) / 3, abs=2e-6)
    assert row["link_ci_low"] < row["link_estimate"] < row["link_ci_high"]
    observed = {"link": row["link"], "band": "all", "lag_months": 1, "standard_error": 0.0,
                "estimate": estimate + 2 * float(row["link_standard_error"]),
                "is_publishable": True}  # fmt: skip
    published = pq.read_table(home.root / "state/estimates/experience_effects.parquet")
    home.write_state("estimates/experience_effects", [observed], published.schema)
    dbt.build_models(home, "experience_effects", "experiment_readouts", **ZONE, **DAY)
    row = readouts(home, "call")["called", "left", "all"]
    assert float(row["observational_estimate"]) == pytest.approx(observed["estimate"], abs=1e-8)
    assert row["link_agreement"] == "differs"


@pytest.mark.parametrize("query", QUERIES)
def test_every_query_of_the_page_runs_and_finds_something(home, query):
    with duckdb.connect(str(home.root / "warehouse.duckdb"), read_only=True) as connection:
        connection.execute("use marts")
        assert connection.execute(query).fetchall()
