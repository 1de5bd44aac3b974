"""The files of a release say what they hold, to whichever tool opens them."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
import yaml
from datacontract.data_contract import DataContract
from fake_candidate import AS_OF, audit, build_candidate, make_settings

from saydo.marts import mart
from saydo.release import current_release_id, publish
from saydo.release.contracts import contract
from saydo.release.database import TableContent
from saydo.settings import PROJECT

PAGE = (PROJECT / "docs" / "bi-tools.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.S)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    settings = make_settings(tmp_path_factory.mktemp("files"))
    build_candidate(settings)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("create table marts.of_the_user as select 'x' as own_code")
        connection.execute("comment on column marts.of_the_user.own_code is e'It''s: \"mine\"\n'")
    audit(settings)
    publish(settings, AS_OF)
    return settings


@pytest.fixture(scope="module")
def folder(home) -> Path:
    return home.published / "current"


def contract_of(folder: Path, name: str) -> dict:
    return yaml.safe_load((folder / "contracts" / f"{name}.odcs.yaml").read_text())


def test_the_fields_of_a_parquet_file_say_what_the_comments_in_the_database_say(folder):
    with duckdb.connect(str(folder / "marts.duckdb"), read_only=True) as connection:
        comments = connection.execute(
            "select table_name, column_name, comment from duckdb_columns() "
            "where database_name = 'marts' and not internal"
        ).fetchall()
    told = {(t, c): text for t, c, text in comments if text}
    assert told == {
        ("customer_profiles", "customer_id"): "The resolved customer.",
        ("of_the_user", "own_code"): 'It\'s: "mine"',
    }
    for table, column, text in comments:
        field = pq.read_schema(folder / f"{table}.parquet").field(column)
        expected = {b"description": text.encode()} if text else None
        assert field.metadata == expected, (table, column)
    schema = pq.read_schema(folder / "customer_profiles.parquet")
    assert schema.metadata == {b"description": b"One row per customer's profile."}
    assert schema.field("customer_id").metadata == {b"description": b"The resolved customer."}


def test_describing_a_parquet_file_changes_no_type_and_no_value_in_it(folder, tmp_path):
    bare = tmp_path / "bare.parquet"
    with duckdb.connect(str(folder / "marts.duckdb"), read_only=True) as connection:
        for name in ("customer_profiles", "metrics_daily", "data_readiness", "release_history"):
            connection.execute(f"copy {name} to '{bare}' (format parquet)")
            assert pq.read_table(folder / f"{name}.parquet").equals(pq.read_table(bare)), name


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_the_page_on_tools_shows_what_works(folder, tmp_path, monkeypatch, capsys, number):
    (tmp_path / "home" / "published").mkdir(parents=True)
    (tmp_path / "home" / "published" / "current").symlink_to(folder.resolve())
    monkeypatch.chdir(tmp_path)
    exec(compile(BLOCKS[number], f"docs/bi-tools.md block {number}", "exec"), {})
    written = tmp_path / "customer_profiles.csv"
    shown = written.read_text() if written.exists() else capsys.readouterr().out
    assert len(shown.splitlines()) > 3, shown


def test_the_page_has_a_block_for_each_library():
    imported = {re.match(r"import (\w+)", block)[1] for block in BLOCKS}
    assert imported == {"duckdb", "pandas", "polars", "pyarrow"}


def test_every_table_has_a_contract_that_the_standards_own_tool_accepts(folder):
    contracts = sorted((folder / "contracts").iterdir())
    tables = {path.name.removesuffix(".parquet") for path in folder.glob("*.parquet")}
    assert {path.name for path in contracts} == {
        f"{table}.odcs.yaml" for table in tables - {"registry"}
    }
    for path in contracts:
        run = DataContract(data_contract_file=str(path)).lint()
        assert run.result == "passed", (path.name, [check.reason for check in run.checks])
        assert "of_the_user" in path.name or contract_of(folder, path.name.split(".")[0])["team"]


def test_the_standards_own_tool_refuses_what_is_no_contract(folder, tmp_path):
    broken = contract_of(folder, "customer_profiles")
    broken["schema"][0]["properties"][0]["logicalType"] = "varchar"
    (tmp_path / "broken.yaml").write_text(yaml.safe_dump(broken))
    assert DataContract(data_contract_file=str(tmp_path / "broken.yaml")).lint().result != "passed"


@pytest.mark.parametrize("server", ["duckdb", "parquet"])
def test_the_release_keeps_its_contracts_as_the_standards_own_tool_tests_them(
    folder, monkeypatch, server
):
    monkeypatch.chdir(folder)  # a contract names its files from there
    for path in sorted((folder / "contracts").iterdir()):
        run = DataContract(data_contract_file=str(path), server=server).test()
        # It tests types in DuckDB alone.
        odd = {
            check.name: check.reason
            for check in run.checks
            if check.result != "passed"
            and not (server == "parquet" and "types in parquet files is not" in check.reason)
        }
        assert (odd, bool(run.checks)) == ({}, True), path.name


@pytest.mark.parametrize(
    ("column", "promise"),
    [
        ("satisfaction_band", {"required": True}),
        ("customer_status", {"primaryKey": True, "primaryKeyPosition": 1}),
        ("customer_status", {"physicalType": "INTEGER", "logicalType": "integer"}),
        ("satisfaction_band", {"quality": [
            {"metric": "invalidValues", "mustBe": 0, "arguments": {"validValues": ["fan"]}},
        ]}),
        ("no_such_column", {}),
    ],
)  # fmt: skip
def test_the_standards_own_tool_sees_a_promise_that_the_release_breaks(
    folder, tmp_path, monkeypatch, column, promise
):
    said = contract_of(folder, "customer_profiles")
    columns = {each["name"]: each for each in said["schema"][0]["properties"]}
    if column not in columns:
        said["schema"][0]["properties"].append({"name": column, "logicalType": "string"})
    if "primaryKey" in promise:
        for key in ("primaryKey", "primaryKeyPosition"):
            columns["customer_id"].pop(key)
    columns.get(column, {}).update(promise)
    (tmp_path / "broken.yaml").write_text(yaml.safe_dump(said))
    monkeypatch.chdir(folder)
    run = DataContract(data_contract_file=str(tmp_path / "broken.yaml"), server="duckdb").test()
    failed = [check for check in run.checks if check.result == "failed"]
    assert run.result == "failed" and {check.field for check in failed} <= {column, None}, failed


def test_a_contract_says_key_nulls_values_owner_and_where_the_files_are(folder):
    said = contract_of(folder, "customer_profiles")
    assert (said["apiVersion"], said["team"]) == ("v3.1.0", {"name": "analytics"})
    for server in said["servers"]:
        assert (folder / (server.get("path") or server["database"])).is_file()
    columns = {column["name"]: column for column in said["schema"][0]["properties"]}
    assert columns["customer_id"] == {
        "name": "customer_id",
        "logicalType": "string",
        "physicalType": "VARCHAR",
        "description": "The resolved customer.",
        "required": True,
        "primaryKey": True,
        "primaryKeyPosition": 1,
    }
    assert "required" not in columns["satisfaction_band"]
    (check,) = columns["satisfaction_band"]["quality"]
    assert check["arguments"] == {"validValues": ["dissatisfied", "neutral", "fan"]}
    assert columns["monthly_recurring_revenue"]["logicalType"] == "number"


def test_a_key_that_may_hold_a_null_is_a_check_and_no_primary_key():
    rules = mart("segment_effects")
    (key,) = rules.keys
    assert not rules.required >= set(key)
    columns = TableContent(0, None, "", dict.fromkeys(key, "VARCHAR"))
    (said,) = contract("segment_effects", columns, "marts.duckdb")["schema"]
    assert not any("primaryKey" in column for column in said["properties"])
    (check,) = said["quality"]
    assert check["metric"] == "duplicateValues"
    assert check["arguments"] == {"properties": list(key)}


def test_a_table_that_the_project_does_not_know_has_a_contract_of_its_columns(folder):
    said = contract_of(folder, "of_the_user")
    assert "team" not in said and [c["name"] for c in said["schema"][0]["properties"]] == [
        "own_code"
    ]
    assert said["schema"][0]["properties"][0]["description"] == 'It\'s: "mine"'


def test_the_same_columns_give_the_same_contracts_and_rows_do_not_matter(home, folder):
    before = {p.name: p.read_bytes() for p in (folder / "contracts").iterdir()}
    first = current_release_id(home)
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("delete from marts.customer_months where closing_mrr > 10")
    audit(home)
    assert publish(home, AS_OF)["release_id"] != first
    assert before == {p.name: p.read_bytes() for p in (folder / "contracts").iterdir()}


def test_the_documentation_of_the_build_goes_along_and_is_no_content(home, folder):
    assert not (folder / "docs").exists()
    page = home.state / "docs" / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("<p>what it means")
    assert not publish(home, AS_OF)["is_new"]
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("delete from marts.customer_months")
    audit(home)
    publish(home, AS_OF)
    assert (folder / "docs" / "index.html").read_text() == "<p>what it means"
