"""Who is near whom, who follows whom and what referrals brought: as plain Python says it."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import permutations

import duckdb
import numpy as np
import pandas as pd
import pytest

DAY = {"as_of_date": "2025-05-30", "as_of_end_at": "2025-05-31 00:00:00"}
MODELS = (
    "int_relationships_resolved", "int_neighbours_found", "customer_influence",
    "int_neighbour_changes_summarised_to_customers", "int_referrals_summarised_to_customers",
    "int_neighbour_scores_summarised_to_customers",
)  # fmt: skip
COUNT, PRIOR = 120, 10
TODAY, ALWAYS, STILL = date(2025, 5, 30), date(1, 1, 1), date(9999, 12, 31)
MONTHS = [date(2024 + n // 12, 1 + n % 12, 1) for n in range(6, 17)]  # to May, which is not over
RELATIONS = ("referral", "household", "same_business", "contact")


def made_identifiers(rng: np.random.Generator) -> pd.DataFrame:
    """Of each customer an e-mail; each fifth's is the next one's from March; and shared ones."""
    rows, passed = [], datetime(2025, 3, 10, 12)
    for n in range(COUNT):
        ends = passed if n % 5 == 0 else None
        rows.append((f"e{n}", f"c{n}", False, None, ends))
        if ends:
            rows.append((f"e{n}", f"c{n + 1}", False, passed, None))
    for n in range(0, COUNT, 4):
        begin = datetime(2024, 8, 1) + timedelta(days=int(rng.integers(0, 200)))
        rows.append((f"home{n}", f"c{n}", True, None, None))
        rows.append((f"home{n}", f"c{n + 1}", True, begin, begin + timedelta(days=150)))
        rows.append((f"home{n}", f"c{n + 2}", True, begin + timedelta(days=60), None))
    names = ["id_key", "customer_id", "is_shared", "valid_from_at", "valid_to_at"]
    frame = pd.DataFrame(rows, columns=names, dtype=object)
    frame["id_type"] = "email"
    return frame


def made_relations(rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for _ in range(500):
        one, other = rng.integers(0, COUNT + 3, 2)  # the last few are nobody's
        since = datetime(2024, 7, 1) + timedelta(hours=int(rng.integers(0, 24 * 330)))
        lasts = rng.random() < 0.6
        until = None if lasts else since + timedelta(days=int(rng.integers(0, 300)))
        rows.append(("email", f"e{one}", "email", f"e{other}", RELATIONS[rng.integers(0, 4)],
                     since, until))  # fmt: skip
    names = ["id_type", "id_key", "to_id_type", "to_id_key", "relation_type", "since_at"]
    return pd.DataFrame(rows, columns=[*names, "until_at"], dtype=object)


def made_months(rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for n in range(COUNT):
        mrr = 20
        for month in MONTHS[rng.integers(0, 3) :]:
            opening, mrr = mrr, int(rng.choice([mrr, mrr, 0, 10, 20, 35]))
            score = float(rng.integers(0, 11)) if rng.random() < 0.6 else None
            revenue = int(rng.integers(0, 50)) + 0.25
            rows.append((f"c{n}", month, opening, mrr, revenue, score))
    names = ["customer_id", "month_start_date", "opening_mrr", "closing_mrr", "revenue"]
    return pd.DataFrame(rows, columns=[*names, "satisfaction_score"])


@pytest.fixture(scope="module")
def world(dbt, make_home):
    """(identifiers, relations, months, {customer: row of customer_influence})."""
    rng, home = np.random.default_rng(7), make_home("influence")
    identifiers, relations, months = made_identifiers(rng), made_relations(rng), made_months(rng)
    with duckdb.connect(str(home.root / "warehouse.duckdb")) as connection:
        connection.execute(
            """
            create schema intermediate; create schema staging;
            create table intermediate.int_identifiers_resolved as
            select
                id_type, id_key, customer_id, is_shared::boolean as is_shared,
                valid_from_at::timestamp as valid_from_at, valid_to_at::timestamp as valid_to_at,
                coalesce(valid_from_at::date, date '0001-01-01') as valid_from_date,
                coalesce(valid_to_at::date + 1, date '9999-12-31') as valid_to_date
            from identifiers;
            create table staging.stg_interactions__relationships as select * replace
                (since_at::timestamp as since_at, until_at::timestamp as until_at) from relations;
            create table intermediate.int_customer_months_measured as select * replace (
                month_start_date::date as month_start_date,
                opening_mrr::decimal(18, 2) as opening_mrr, revenue::decimal(18, 2) as revenue,
                closing_mrr::decimal(18, 2) as closing_mrr,
                satisfaction_score::decimal(18, 6) as satisfaction_score
            ) from months;
            """
        )
    dbt.build_models(home, *MODELS, **DAY)
    found = {row["customer_id"]: row for row in home.rows("from marts.customer_influence")}
    return identifiers, relations, months, found


def owner(identifiers: pd.DataFrame, key: str, at: datetime) -> str | None:
    for row in identifiers[~identifiers.is_shared.astype(bool)].itertuples():
        is_then = (row.valid_from_at is None or row.valid_from_at <= at) and (
            row.valid_to_at is None or at < row.valid_to_at
        )
        if row.id_key == key and is_then:
            return row.customer_id
    return None


def resolved(world) -> list[tuple[str, str, str, datetime, datetime | None]]:
    identifiers, relations, *_ = world
    found = []
    for row in relations.itertuples():
        ends = [owner(identifiers, key, row.since_at) for key in (row.id_key, row.to_id_key)]
        if None not in ends and ends[0] != ends[1]:
            found.append((*ends, row.relation_type, row.since_at, row.until_at))
    return found


def day_after(instant: datetime) -> date:
    return (instant + timedelta(days=1) - timedelta(microseconds=1)).date()


@pytest.fixture(scope="module")
def near(world) -> dict[str, dict[tuple[str, str], tuple[date, date]]]:
    """Customer to (neighbour, how) to the first day on which, and the first after all of them."""
    spans: dict[tuple, list[tuple[date, date]]] = defaultdict(list)
    for one, other, kind, since, until in resolved(world):
        span = (since.date(), day_after(until) if until else STILL)
        spans[one, other, kind].append(span)
        if kind != "referral":
            spans[other, one, kind].append(span)
    identifiers = world[0]
    for _, group in identifiers[identifiers.is_shared.astype(bool)].groupby("id_key"):
        held = [
            (r.customer_id, r.valid_from_at.date() if r.valid_from_at else ALWAYS,
             r.valid_to_at.date() + timedelta(days=1) if r.valid_to_at else STILL)
            for r in group.itertuples()
        ]  # fmt: skip
        for (one, b1, e1), (other, b2, e2) in permutations(held, 2):
            if max(b1, b2) < min(e1, e2):
                spans[one, other, "household"].append((max(b1, b2), min(e1, e2)))
    found: dict[str, dict[tuple[str, str], tuple[date, date]]] = defaultdict(dict)
    for (one, other, kind), told in spans.items():
        found[one][other, kind] = (min(b for b, _ in told), max(e for _, e in told))
    return found


def moved(month: date, months: int) -> date:
    number = month.year * 12 + month.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def followed(near, changes: dict[tuple[str, date], float], one: str) -> list[tuple]:
    """(change after, change before), None where it is not known, of each change and neighbour."""
    told = []
    for (who, month), change in changes.items():
        if who != one or not change:
            continue
        others = {other for (other, _), (b, e) in near[one].items() if b <= month < e}
        for other in others:
            sign = 1 if change > 0 else -1
            beside = [changes.get((other, moved(month, n))) for n in (1, -1)]
            told.append(tuple(None if x is None else sign * x for x in beside))
    return told


def spends(months: pd.DataFrame) -> dict[tuple[str, date], float]:
    return {
        (r.customer_id, r.month_start_date): r.closing_mrr - r.opening_mrr
        for r in months.itertuples()
        if r.opening_mrr > 0 and r.month_start_date < date(2025, 5, 1)
    }


def scores(months: pd.DataFrame) -> dict[tuple[str, date], float]:
    found, last = {}, {}
    for row in months.itertuples():
        if not np.isnan(row.satisfaction_score):
            if row.customer_id in last and row.month_start_date < date(2025, 5, 1):
                change = row.satisfaction_score - last[row.customer_id]
                found[row.customer_id, row.month_start_date] = change
            last[row.customer_id] = row.satisfaction_score
    return found


def test_a_customer_reaches_whoever_is_near_today_once(world, near):
    reach = {
        one: len({other for (other, _), (_, end) in told.items() if end > TODAY})
        for one, told in near.items()
    }
    assert {n: row["reach_count"] for n, row in world[3].items()} == {
        one: count for one, count in reach.items() if count
    }
    assert max(reach.values()) > 5


def test_spend_that_follows_is_the_oracles(world, near):
    changes, known = spends(world[2]), 0
    for one, row in world[3].items():
        told = [pair for pair in followed(near, changes, one) if None not in pair]
        after, before = (sum(pair[n] for pair in told) for n in (0, 1))
        assert row["change_count"] == len(told)
        assert float(row["following_change"]) == pytest.approx(
            (after - before) / (len(told) + PRIOR), abs=1e-6
        )
        assert float(row["placebo_change"]) == pytest.approx(before / (len(told) + PRIOR), abs=1e-6)
        known += len(told)
    assert known > 500


def test_satisfaction_that_follows_is_the_oracles(world, near):
    changes, known = scores(world[2]), 0
    for one, row in world[3].items():
        told = followed(near, changes, one)
        after, before = ([pair[n] for pair in told if pair[n] is not None] for n in (0, 1))
        assert row["satisfaction_change_count"] == len(after)
        placebo = sum(before) / (len(before) + PRIOR)
        following = sum(after) / (len(after) + PRIOR) - placebo if after else 0
        assert float(row["satisfaction_placebo_change"]) == pytest.approx(placebo, abs=1e-6)
        assert float(row["satisfaction_following_change"]) == pytest.approx(following, abs=1e-6)
        known += len(after)
    assert known > 500


def test_referrals_bring_what_came_from_their_month_on_to_the_first(world):
    _, _, months, found = world
    first: dict[str, tuple[datetime, str]] = {}
    for one, other, kind, since, _ in resolved(world):
        if kind == "referral":
            first[other] = min(first.get(other, (since, one)), (since, one))
    counts, revenue = defaultdict(int), defaultdict(float)
    for other, (since, one) in first.items():
        counts[one] += 1
        mine = months[months.customer_id == other]
        revenue[one] += mine[mine.month_start_date >= since.date().replace(day=1)].revenue.sum()
    for one, row in found.items():
        assert (row["referral_count"], float(row["referred_revenue"])) == (
            counts[one], revenue[one],
        )  # fmt: skip
    assert sum(counts[one] for one in found) > 30


def test_the_people_of_a_business_are_ranked_among_each_other(world, near):
    found, ranked = world[3], 0
    for one, row in found.items():
        others = {
            other for (other, kind), (_, end) in near[one].items()
            if kind == "same_business" and end > TODAY
        }  # fmt: skip
        if not others or not row["change_count"]:
            assert row["business_rank"] is None
            continue
        mine = [found[o]["following_change"] for o in others if found[o]["change_count"]]
        assert row["business_rank"] == 1 + sum(x > row["following_change"] for x in mine)
        ranked += row["business_rank"] > 1
    assert ranked > 10
