"""What a release says otherwise than the one before is in its log, with its causes."""

from __future__ import annotations

import re
import shutil
from decimal import Decimal

import duckdb
import pytest
from small_business import STEPS, as_of, charge, deliver_history, deliver_late_rows
from small_home import PROJECT, RELEASE_CHANGES

MODELS = ("path:seeds", "+restatement_log", "+identity_changes", "+release_history",
          "--resource-type", "seed", "--resource-type", "model")  # fmt: skip
MARCH = as_of("2025-03-31", "2025-04-01 07:00:00")
APRIL = as_of("2025-04-01", "2025-04-02 07:00:00")


class Releases:
    """Builds of one home, each kept as the release that the next one replaces."""

    def __init__(self, dbt, home):
        self.dbt, self.home = dbt, home
        self.known: set[str] = set()

    def build(self, release_id, variables, *flags, other_changes=()):
        """Build, keep as `release_id`, and return the rows of the log that are new."""
        counted = {b["batch_id"] for b in self.home.batches if b["status"] == "accepted"}
        changes = [{"change_type": kind} for kind in other_changes]
        if self.known:
            changes += [
                {"change_type": kind, "batch_id": name}
                for kind, names in (
                    ("delivered", counted - self.known),
                    ("withdrawn", self.known - counted),
                )
                for name in names
            ]
        self.home.write_state("release_changes", changes, RELEASE_CHANGES)
        statuses = self.dbt(self.home, "build", *MODELS, *flags, **variables)
        broken = {
            name: self.dbt.failures.get(name) for name, s in statuses.items() if s != "success"
        }
        assert not broken, broken
        rows = self.home.rows(
            "select * from marts.restatement_log where changed_in_release is null order by all"
        )
        self.home.keep_registry(release_id)
        self.home.keep_figures(release_id, variables["as_of_date"])
        self.known = counted
        return rows

    def withdraw(self, feed):
        """Take the batch of a feed out, as landing does."""
        (batch,) = (batch for batch in self.home.batches if batch["feed"] == feed)
        batch["status"] = "withdrawn"
        shutil.rmtree(self.home.root / "raw" / batch["source"] / f"batch={batch['batch_id']}")
        self.home._write_batches()


@pytest.fixture(scope="module")
def told(dbt, make_home):
    """Name of a build to the rows that it adds to the log; under `log`, the last one's whole."""
    home = make_home("restatements")
    releases = Releases(dbt, home)
    deliver_history(home)
    found = {"first": releases.build("r1", STEPS[0][1])}
    found["again"] = releases.build("r2", STEPS[0][1])
    deliver_late_rows(home)
    home.deliver("transactions", [charge(5, 2, "2025-03-31 12:00", 8)], feed="on_time")
    found["late"] = releases.build("r3", MARCH)
    releases.withdraw("late_charges")
    home.deliver("transactions", [charge(6, 2, "2025-03-07 12:00", 9)], feed="after_the_month")
    home.deliver("transactions", [charge(7, 2, "2025-04-01 12:00", 9)], feed="of_the_day")
    found["withdrawn"] = releases.build("r4", APRIL, "--full-refresh")
    home.deliver(
        "accounts", [{"account_key": "a99", "opened_at": "2025-04-01"}], feed="new_account"
    )
    found["same day"] = releases.build("r5", APRIL, other_changes=["configuration"])
    found["log"] = home.rows("select * from marts.restatement_log")
    found["home"] = home
    found["batches"] = {batch["feed"]: batch["batch_id"] for batch in home.batches}
    return found


def figures(rows):
    return {(row["key"], row["column_name"]) for row in rows}


def row_of(rows, key, column):
    return next(row for row in rows if (row["key"], row["column_name"]) == (key, column))


def feed_of(batch_id):
    return batch_id.rpartition("-")[0]


def test_the_first_release_restates_nothing(told):
    assert told["first"] == []


def test_the_same_files_and_day_restate_nothing(told):
    assert told["again"] == []


def test_late_rows_show_in_their_month_from_what_to_what_and_with_their_files(told):
    revenue = row_of(told["late"], "2025-01", "revenue")
    assert (revenue["table_name"], revenue["new"] - revenue["old"]) == ("customer_months", 70)
    assert revenue["cause_codes"] == "delivered"
    causes = {"late_charges", "moves", "network_usage_daily"}
    assert {feed_of(name) for name in revenue["cause_batch_ids"].split(", ")} == causes
    assert told["batches"]["late_charges"] in revenue["cause_batch_ids"]
    assert revenue["cause_batch_count"] == 3
    traffic = row_of(told["late"], "2025-01", "traffic_mb")
    assert traffic["new"] - traffic["old"] == Decimal(120)


def test_a_customer_who_had_moved_moves_revenue_from_region_to_region(told):
    moved = {
        row["key"]: (row["new"] or 0) - (row["old"] or 0)
        for row in told["late"]
        if row["table_name"] == "recurring_revenue_monthly" and row["column_name"] == "closing_mrr"
    }
    assert {key.rpartition("|")[2] for key in moved} == {"CA", "NV"}
    assert len(moved) == 2 and sum(moved.values()) == 0 and all(moved.values())


def test_a_month_that_still_ran_is_not_restated(told):
    of_everybody = {row["key"] for row in told["late"] if "region_code" not in row["key"]}
    assert of_everybody == {"2025-01"}
    assert {row["key"][:7] for row in told["withdrawn"]} == {"2025-01", "2025-03"}


def test_what_comes_after_the_last_day_of_a_month_restates_it(told):
    revenue = row_of(told["withdrawn"], "2025-03", "revenue")
    assert revenue["new"] - revenue["old"] == 9
    assert told["batches"]["after_the_month"] in revenue["cause_batch_ids"]
    assert told["batches"]["late_charges"] not in revenue["cause_batch_ids"]


def test_a_withdrawn_file_is_named_where_its_rows_are_missing(told):
    revenue = row_of(told["withdrawn"], "2025-01", "revenue")
    assert revenue["new"] - revenue["old"] == -70
    assert revenue["cause_codes"] == "withdrawn"
    assert revenue["cause_batch_ids"] == told["batches"]["late_charges"]


def test_what_is_as_of_a_day_is_restated_on_that_day_alone(told):
    profiles = {"customer_profiles"}
    assert not profiles & {
        row["table_name"] for name in ("late", "withdrawn") for row in told[name]
    }
    assert figures(told["same day"]) == {("2025-04-01", "customer_count")}
    count = told["same day"][0]
    assert (count["old"], count["new"]) == (8, 9)
    assert count["cause_codes"] == "configuration, delivered"
    assert count["cause_batch_ids"] == told["batches"]["new_account"]


def test_the_log_keeps_what_earlier_releases_told(told):
    releases = [row["changed_in_release"] for row in told["log"]]
    assert {"r3", "r4", None} == set(releases)
    assert releases.count("r3") == len(told["late"])


def test_the_query_of_the_manual_tells_what_changed_lately(dbt, told):
    page = (PROJECT.parent / "docs/operations.md").read_text()
    query = re.search(r"```sql\n(-- Which figures of past months.*?)```", page, re.S)[1]
    database = told["home"].root / "warehouse.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("use marts")
        found = connection.execute(query).fetchall()
    assert {(row[1], row[2], row[5]) for row in found} >= {
        ("2025-01", "revenue", Decimal(-70)), ("2025-03", "revenue", Decimal(9)),
    }  # fmt: skip
