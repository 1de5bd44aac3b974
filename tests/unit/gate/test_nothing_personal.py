"""Every text of what is published is looked at, whichever suite is forgotten."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest
from gate_candidate import FIRST, IDENTIFIERS, PROFILES, READINESS, REGISTERED, change
from gate_home import PERSONAL, stored_text
from mart_faults import FAILING

from expectations.releases import nothing_personal
from saydo.errors import ReleaseRefused
from saydo.gate import gate_marts
from saydo.gate.suites import suite_names
from saydo.release import publish
from saydo.report import write_report

MILLION = 1_000_000
FOR_THE_REPORT = (
    f"alter table {PROFILES} add column revenue_90d decimal(18, 2)",
    f"alter table {PROFILES} add column experience_score_30d decimal(9, 4)",
    f"alter table {READINESS} add column quarantined_count bigint",
    f"alter table {READINESS} add column last_event_at timestamp",
    f"alter table {READINESS} add column last_loaded_at timestamp",
)


def found(sql, **options):
    """What the rule finds in a table: (column, distinct values, rows)."""
    query = nothing_personal(**options).unexpected_rows_query
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(f"create table published as {sql}")
        batch = "(select * from published where true) as subselect"
        return connection.execute(query.format(batch=batch)).fetchall()


def test_one_row_of_a_million_is_found(tmp_path):
    sql = f"""
        select i as n, 'c_' || i as customer_id, 'north' as region_code,
            case when i = 777777 then '{PERSONAL}' end as note
        from range({MILLION}) numbers(i)
    """
    assert found(sql) == [("note", 1, 1)]


def test_each_column_tells_its_values_and_rows_and_never_a_value():
    sql = f"""
        select * from (values
            (1, '{PERSONAL}', 'call +447911123456', 'x'), (2, '{PERSONAL}', null, 'y'),
            (3, 'b@example.org', '07911123456', 'z'), (4, null, 'late by 0,5 days', '')
        ) t(n, found, column_name, "Why so?")
    """
    assert found(sql) == [("column_name", 2, 2), ("found", 2, 3)]


def test_hashes_versions_and_numbers_are_nobodys():
    sql = """
        select sha256(i::varchar) as id_key, md5('x' || i) as customer_id, 7911123456 + i as n,
            '0.1.0+g0123456789ab' as code_version, 07911123456.5 as amount,
            now()::timestamp as seen_at, 'c_' || lpad(i::varchar, 16, '0') as other
        from range(20000) numbers(i)
    """
    assert found(sql) == []


@pytest.mark.parametrize("sql", ["select 1 as n where false", "select null::varchar as note"])
def test_a_table_without_text_or_rows_passes(sql):
    assert found(sql) == []


def test_an_id_in_clear_may_look_like_a_telephone_number_and_not_like_an_address():
    sql = f"select * from (values ('07911123456', 'x'), ('{PERSONAL}', '07911123456')) t(a, b)"
    assert found(sql) == [("a", 2, 2), ("b", 1, 1)]
    assert found(sql, clear_ids=("a",)) == [("a", 1, 1), ("b", 1, 1)]


def test_a_column_in_clear_that_is_not_there_is_no_rule():
    with pytest.raises(duckdb.BinderException, match="gone"):
        found("select 'a' as a", clear_ids=("gone",))


def test_a_text_column_that_no_suite_speaks_of_is_looked_at(candidate, replace_suite):
    """In every published table, and though its suite holds nothing but one other rule."""

    def one_rule():
        import great_expectations.expectations as gxe

        return [gxe.ExpectTableColumnCountToBeBetween(min_value=1, notes="x", severity="critical")]

    tables = suite_names("marts")
    change(candidate, "insert into marts.release_history (release_id) values ('r1')")
    for table in tables:
        replace_suite(f"marts.{table}", one_rule)
        column = f"add column remark varchar default 'ask {PERSONAL}'"
        change(candidate, f"alter table marts.{table} {column}")
    with pytest.raises(ReleaseRefused) as refusal:
        gate_marts(candidate)
    told = [
        line for line in str(refusal.value).split("suite marts.") if "column_name=remark" in line
    ]
    assert sorted(line.split(":")[0] for line in told) == tables
    assert all("nothing personal in any column" in line for line in told)
    assert PERSONAL not in str(refusal.value) + stored_text(candidate)


def test_only_ids_in_clear_may_look_like_a_telephone_number(candidate):
    file = candidate.feeds_file
    file.write_text(file.read_text() + "identifier_types: {contract: {is_personal: false}}\n")
    change(
        candidate,
        f"delete from {IDENTIFIERS} where not ({FIRST})",
        f"update {IDENTIFIERS} set id_type = 'contract', id_key = '07911123456'",
    )
    assert gate_marts(candidate)["success"] is True
    change(candidate, f"update {IDENTIFIERS} set evidence = '07911123456'")
    with pytest.raises(ReleaseRefused, match="column_name=evidence, value_count=1, row_count=1"):
        gate_marts(candidate)


def test_the_registry_that_is_published_beside_the_tables_is_looked_at(candidate):
    change(candidate, f"update {REGISTERED} set account_key = '{PERSONAL}' where {FIRST}")
    with pytest.raises(ReleaseRefused, match="column_name=account_key, value_count=1, row_count=2"):
        gate_marts(candidate)


def test_what_is_published_as_text_files_shows_nothing_personal(candidate):
    """Manifest, gate results and report are made of keys and counts, of warnings too."""
    warned = [sql for sql, rules in FAILING.values() if all(r[:7] == "warning" for r in rules)]
    assert len(warned) >= 2
    change(candidate, *warned, *FOR_THE_REPORT)
    assert gate_marts(candidate)["warning_count"] == len(warned)
    release = publish(candidate, date(2025, 3, 9))["release_id"]
    report = write_report(candidate, release)
    files = [f for f in report.parents[1].rglob("*") if f.suffix in (".json", ".html")]
    assert {file.name for file in files} >= {"manifest.json", "summary.json", "index.html"}
    lines = [line for file in files for line in file.read_text().splitlines()]
    assert len(lines) > 200
    with duckdb.connect() as connection:
        connection.execute("create table texts (line varchar)")
        connection.executemany("insert into texts values (?)", [[line] for line in lines])
        query = nothing_personal().unexpected_rows_query.format(batch="texts")
        assert connection.execute(query).fetchall() == []
