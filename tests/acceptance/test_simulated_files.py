"""What a whole release says of itself: every column described, contracts kept, one page of docs."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml
from datacontract.data_contract import DataContract

from saydo.settings import PROJECT
from saydo.sql import quoted

NAMES = sorted(path.stem for path in (PROJECT / "dbt_project/models/marts").glob("*/*.sql"))


@pytest.fixture(scope="module")
def contracts(telco) -> dict[str, dict]:
    files = sorted((telco.folder / "contracts").iterdir())
    return {path.name.split(".")[0]: yaml.safe_load(path.read_text()) for path in files}


def test_every_published_table_and_column_is_described_in_each_kind_of_file(telco, contracts):
    rows = telco.rows(
        "select table_name, column_name, comment from duckdb_columns() "
        "where database_name = 'release'"
    )
    assert {table for table, _, _ in rows} == set(NAMES) == set(contracts)
    schemas = {name: pq.read_schema(telco.folder / f"{name}.parquet") for name in NAMES}
    columns = {
        name: {c["name"]: c.get("description") for c in said["schema"][0]["properties"]}
        for name, said in contracts.items()
    }
    for table, column, comment in rows:
        assert comment and comment == comment.strip(), (table, column)
        told = schemas[table].field(column).metadata[b"description"].decode()
        assert told == comment == columns[table][column]
    for name, said in contracts.items():
        table = said["schema"][0]["description"]
        assert table and schemas[name].metadata[b"description"].decode() == table, name


def test_every_contract_is_one_and_has_an_owner(telco, contracts):
    for name, said in contracts.items():
        path = telco.folder / "contracts" / f"{name}.odcs.yaml"
        assert DataContract(data_contract_file=str(path)).lint().result == "passed", name
        assert said["team"]["name"] and said["domain"], name


@pytest.mark.parametrize("name", NAMES)
def test_the_release_keeps_what_its_contract_promises(telco, contracts, name):
    (said,) = contracts[name]["schema"]
    counted = {}
    for column in said["properties"]:
        field = quoted(column["name"])
        if column.get("required"):
            counted[f"{field} is null"] = f"count(*) filter ({field} is null)"
        for check in column.get("quality", ()):
            values = ", ".join(f"'{value}'" for value in check["arguments"]["validValues"])
            counted[f"{field} of {values}"] = f"count(*) filter ({field} not in ({values}))"
    keys = [check["arguments"]["properties"] for check in said.get("quality", ())]
    keys.append([c["name"] for c in said["properties"] if c.get("primaryKey")])
    for key in filter(None, keys):
        row = ", ".join(quoted(column) for column in key)
        counted[f"({row}) twice"] = f"count(*) - count(distinct ({row}))"
    assert counted, f"the contract of {name} promises nothing"
    (found,) = telco.rows(f"select {', '.join(counted.values())} from {name}")
    assert {what: n for what, n in zip(counted, found, strict=True) if n} == {}
    kinds = dict(
        telco.rows(
            "select column_name, data_type from duckdb_columns() "
            "where database_name = 'release' and table_name = ?",
            name,
        )
    )
    assert {c["name"]: c["physicalType"] for c in said["properties"]} == kinds


def test_the_page_of_documentation_knows_every_column_and_no_machine(telco):
    page = (telco.folder / "docs" / "index.html").read_text()
    for place in (telco.settings.home, PROJECT, Path.home(), "pseudonym.key"):
        assert str(place) not in page
    start = page.index("manifest:{") + len("manifest:")
    manifest, end = json.JSONDecoder().raw_decode(page, start)
    catalog, _ = json.JSONDecoder().raw_decode(page, page.index("catalog:{", end) + 8)
    for name in NAMES:
        model = manifest["nodes"][f"model.saydo.{name}"]
        assert model["description"] and all(c["description"] for c in model["columns"].values())
        assert set(catalog["nodes"][f"model.saydo.{name}"]["columns"]) == set(model["columns"])
    assert len(page) < 8_000_000


def test_the_report_leads_to_the_documentation(telco):
    report = (telco.folder / "report" / "index.html").read_text()
    assert 'href="../docs/index.html"' in report
    assert (telco.folder / "report" / "../docs/index.html").is_file()
