from pathlib import Path

import duckdb
import pytest
from delivered_tables import SOURCES, key_of, read_truth

_DELIVERIES = pytest.mark.parametrize("delivery", ["bulk", "daily"])


@_DELIVERIES
def test_rows_delivered_filtered_and_unique_are_those_of_the_files(
    delivery: str, request: pytest.FixtureRequest
) -> None:
    landing = request.getfixturevalue(delivery)
    truth = read_truth(landing)
    totals = truth["totals"]
    tables = request.getfixturevalue(f"{delivery}_tables")
    for source in SOURCES.keys() - {"network_sessions", "relationships"}:
        repeated = sum(r["rows"] for r in truth["repeats"] if r["source"] == source)
        lines = tables.sql(f"select count(*) from {source}_lines").fetchone()[0]
        assert lines == totals["rows_delivered"][source] + repeated, source
        filtered = totals["rows_filtered"].get(source, 0)
        kept = f"select count(*) from (select distinct {key_of(source)} from {source})"
        unique = tables.sql(kept).fetchone()[0]
        assert unique == totals["rows_unique"][source] - filtered, source


@_DELIVERIES
def test_money_is_right_to_the_cent(delivery: str, request: pytest.FixtureRequest) -> None:
    landing = request.getfixturevalue(delivery)
    totals = read_truth(landing)["totals"]
    tables = request.getfixturevalue(f"{delivery}_tables")
    rows = tables.sql(
        "select transaction_type, cast(sum(amount) * 100 as bigint) from "
        "(select distinct on (transaction_id) * from transactions) group by 1"
    ).fetchall()
    pence = dict(rows)
    assert pence == totals["pence"]
    assert totals["revenue_pence"] == (
        pence["charge"] + pence["one_off"] - pence["refund"] - pence["credit"]
    )


def test_required_and_enumerated_columns_are_filled(bulk_tables: duckdb.DuckDBPyConnection) -> None:
    for source in SOURCES.values():
        if source.name in ("network_sessions", "relationships"):
            continue  # the other way to deliver usage, and what is told where it is asked for
        for column in source.columns:
            values = bulk_tables.sql(f'select distinct "{column.name}" from {source.name}')
            if column.is_required:
                null = values.filter(f'"{column.name}" is null').fetchall()
                assert not null, (source.name, column.name)
            if column.allowed:
                found = {value for (value,) in values.fetchall()} - {None}
                assert found <= set(column.allowed), (source.name, column.name)


@pytest.mark.parametrize(
    ("source", "time"),
    [
        ("network_usage_daily", "usage_date"),
        ("survey_invitations", "invited_at"),
        ("interactions", "occurred_at"),
    ],
)
def test_every_fact_has_one_owner_at_its_time(
    year_tables: duckdb.DuckDBPyConnection, source: str, time: str
) -> None:
    year_tables.execute(
        f"create or replace temp table facts as select distinct id_type, "
        f"lower(trim(id_value)) as id_value, cast({time} as timestamp) as moment from {source}"
    )
    owned, owners = year_tables.sql(
        "select count(*), max(person_count) from (select count(distinct person) as person_count "
        "from facts join (select id_type, lower(trim(id_value)) as id_value, valid_from_at, "
        "coalesce(valid_to_at, 'infinity') as valid_to_at, person "
        "from account_identifiers join people using (account_id)) as spans "
        "using (id_type, id_value) where moment >= valid_from_at and moment < valid_to_at "
        "group by id_type, id_value, moment)"
    ).fetchone()
    assert owned == year_tables.sql("select count(*) from facts").fetchone()[0]
    assert owners == 1


def test_accounts_of_one_person_share_an_identifier_at_one_time(
    year: Path, year_tables: duckdb.DuckDBPyConnection
) -> None:
    truth = read_truth(year)
    several = {p: set(a) for p, a in truth["persons_accounts"].items() if len(a) > 1}
    unlinkable = set(truth["unlinkable_accounts"])
    pairs = year_tables.sql(
        "select distinct first.account_id, second.account_id from account_identifiers as first "
        "join account_identifiers as second on first.id_type = second.id_type "
        "and lower(trim(first.id_value)) = lower(trim(second.id_value)) "
        "and first.account_id <> second.account_id "
        "and first.valid_from_at < coalesce(second.valid_to_at, 'infinity') "
        "and second.valid_from_at < coalesce(first.valid_to_at, 'infinity')"
    ).fetchall()
    assert len(several) > 150
    shares = set(pairs)
    linked = [
        any((account, other) in shares for other in accounts - {account})
        for accounts in several.values()
        for account in accounts - unlinkable
        if len(accounts - unlinkable) > 1
    ]
    assert sum(linked) / len(linked) > 0.97
    assert 0 < len(unlinkable) < 0.2 * len(linked)


def test_recycled_numbers_pass_from_one_person_to_another_with_a_gap(
    year: Path, year_tables: duckdb.DuckDBPyConnection
) -> None:
    truth = read_truth(year)
    numbers = truth["recycled_numbers"]
    assert len(numbers) >= 5
    assert {number["gap_days"] < 30 for number in numbers} == {True, False}
    for number in numbers:
        spans = year_tables.execute(
            "select account_id, strftime(valid_from_at, '%Y-%m-%dT%H:%M:%SZ'), "
            "strftime(valid_to_at, '%Y-%m-%dT%H:%M:%SZ') from account_identifiers "
            "where id_type = 'msisdn' and id_value = ? order by valid_from_at",
            [number["value"]],
        ).fetchall()
        told = [(s["account_id"], s["valid_from_at"], s["valid_to_at"]) for s in number["spans"]]
        assert spans == told
        first, second = number["spans"]
        assert first["valid_to_at"] < second["valid_from_at"]
        assert first["person"] != second["person"]
        assert truth["person_of"][first["account_id"]] == first["person"]
        assert truth["person_of"][second["account_id"]] == second["person"]


def test_a_household_shares_an_email_but_not_both_name_and_birth_date(
    year: Path, year_tables: duckdb.DuckDBPyConnection
) -> None:
    truth = read_truth(year)
    holders = dict(
        year_tables.sql(
            "select lower(trim(id_value)), list(distinct person order by person) "
            "from account_identifiers join people using (account_id) "
            "where id_type = 'email' group by 1 having count(distinct person) > 1"
        ).fetchall()
    )
    alike = year_tables.sql(
        "select count(*) from accounts as first join people as one using (account_id) "
        "join accounts as second on second.street = first.street "
        "and second.postcode = first.postcode "
        "and second.given_name = first.given_name and second.birth_date = first.birth_date "
        "join people as other on other.account_id = second.account_id "
        "where one.person <> other.person"
    ).fetchone()[0]
    filled = year_tables.sql("select count(given_name) / count(*) from accounts").fetchone()[0]
    assert holders == {home["value"]: home["persons"] for home in truth["household_emails"]}
    assert len(holders) > 50
    assert alike == 0
    assert 0.95 < filled < 0.99


def test_identifiers_are_written_in_several_ways(bulk_tables: duckdb.DuckDBPyConnection) -> None:
    written = bulk_tables.sql(
        "select count(*) filter (point_value like '07%'), "
        "count(*) filter (point_value like '0044%'), "
        "count(*) filter (point_value like '+44%'), "
        "count(*) filter (point_value <> lower(point_value)), "
        "count(*) filter (point_value like '%.example ') "
        "from account_identifiers_lines where point_type in ('TEL', 'EML')"
    ).fetchone()
    mapped = bulk_tables.sql(
        "select count(*) filter (not regexp_full_match(id_value, '\\+447[0-9]{9}')) "
        "from account_identifiers where id_type = 'msisdn'"
    ).fetchone()
    assert min(written) > 5
    assert mapped == (0,)


def test_life_has_tariff_changes_pauses_returns_swaps_and_late_rows(
    year: Path, year_tables: duckdb.DuckDBPyConnection
) -> None:
    truth = read_truth(year)
    reasons = dict(
        year_tables.sql("select end_reason_code, count(*) from subscriptions group by 1").fetchall()
    )
    resumed = year_tables.sql(
        "select count(*) from (select subscription_id from subscriptions "
        "group by 1 having count(*) > 1)"
    ).fetchone()[0]
    returned = year_tables.sql(
        "select count(distinct gone.id_value) from subscriptions as gone "
        "join subscriptions as back using (id_value) "
        "where gone.end_reason_code in ('switched', 'price', 'network', 'moved') "
        "and gone.product_type = 'plan' and back.product_type = 'plan' "
        "and back.started_at > gone.ended_at"
    ).fetchone()[0]
    intervals = {
        value
        for (value,) in year_tables.sql(
            "select distinct billing_interval from subscriptions"
        ).fetchall()
    }
    overlapping = year_tables.sql(
        "select count(*) from subscriptions as one join subscriptions as two "
        "using (subscription_id) where one.started_at < two.started_at "
        "and (one.ended_at is null or one.ended_at > two.started_at)"
    ).fetchone()[0]
    swaps = year_tables.sql(
        "select count(*) from (select account_id from account_identifiers "
        "where id_type = 'imsi' group by 1 having count(*) > 1)"
    ).fetchone()[0]
    assert min(reasons["tariff_change"], reasons["pause"], reasons["switched"]) > 30
    assert resumed > 30 and returned > 3 and swaps > 30
    assert overlapping == 0
    assert intervals == {"day", "week", "month", "quarter", "year"}
    assert truth["totals"]["rows_late"]["transactions"] > 100


def test_those_who_asked_to_be_forgotten_are_the_erased(
    year: Path, year_tables: duckdb.DuckDBPyConnection
) -> None:
    truth = read_truth(year)
    asked = {row[0] for row in year_tables.sql("select id_value from erasure_requests").fetchall()}
    assert {truth["person_of"][account] for account in asked} == set(truth["erased"])
    assert len(truth["erased"]) >= 2
