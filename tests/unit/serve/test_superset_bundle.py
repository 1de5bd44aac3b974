"""The bundle for Superset says of the marts what their YAML says, and is the same each time."""

from __future__ import annotations

import shutil
from pathlib import Path
from zipfile import ZipFile

import duckdb
import pytest
import yaml
from typer.testing import CliRunner

from saydo.cli import app
from saydo.errors import ConfigError
from saydo.marts import MODELS, marts
from saydo.serve.superset import bundle, write_bundle
from saydo.serve.superset.database import LOCKED_DOWN, Place
from saydo.serve.superset.datasets import dataset_file
from saydo.serve.superset.saved_metrics import saved_metrics
from saydo.settings import Settings


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    return bundle(Settings(home=tmp_path_factory.mktemp("home")))


def of(content, folder):
    return [file for path, file in content.items() if path.startswith(f"{folder}/")]


def test_each_mart_has_a_dataset_with_every_column_described(content):
    described = {
        model["name"]: [column["name"] for column in model["columns"]]
        for file in (MODELS / "marts").rglob("*.yml")
        for model in yaml.safe_load(file.read_text())["models"]
    }
    datasets = {file["table_name"]: file for file in of(content, "datasets")}
    assert len(described) > 30
    assert {
        name: [column["column_name"] for column in file["columns"]]
        for name, file in datasets.items()
    } == described
    texts = [file["description"] for file in datasets.values()] + [
        column["description"] for file in datasets.values() for column in file["columns"]
    ]
    assert all(len(text.split()) > 1 and "{{" not in text for text in texts)


def test_each_headline_metric_is_saved_on_the_dataset_of_its_semantic_model(content):
    defined = yaml.safe_load((MODELS / "metrics.yml").read_text())
    homes = {
        measure["name"]: model["name"]
        for model in defined["semantic_models"]
        for measure in model["measures"]
    }
    wanted = {
        (homes[kind.get("measure") or kind["numerator"]], metric["name"], metric["label"])
        for metric in defined["metrics"]
        for kind in [metric["type_params"]]
    }
    saved = {
        (file["table_name"], metric["metric_name"], metric["verbose_name"])
        for file in of(content, "datasets")
        for metric in file["metrics"]
        if metric["metric_name"] != "row_count"
    }
    assert saved == wanted and len(wanted) >= 12


def test_there_are_four_dashboards_and_each_chart_has_its_place_and_says_what_it_shows(content):
    boards = of(content, "dashboards")
    assert {board["dashboard_title"] for board in boards} == {
        "Say and do",
        "Recurring revenue",
        "Service and the chain",
        "Data readiness and releases",
    }
    placed = [
        part["meta"]["uuid"]
        for board in boards
        for name, part in board["position"].items()
        if name.startswith("CHART-")
    ]
    charts = of(content, "charts")
    assert sorted(placed) == sorted(chart["uuid"] for chart in charts)
    assert all(len(chart["description"].split()) >= 8 for chart in charts)
    for board in boards:
        for name, part in board["position"].items():
            if name.startswith("ROW-"):
                widths = [board["position"][c]["meta"]["width"] for c in part["children"]]
                assert sum(widths) == 12, (board["dashboard_title"], name, widths)


def test_a_bundle_is_the_same_bytes_each_time_and_keeps_its_ids_for_another_home(tmp_path, content):
    settings = Settings(home=tmp_path / "home")
    write_bundle(settings, tmp_path / "one.zip")
    write_bundle(settings, tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with ZipFile(tmp_path / "one.zip") as archive:
        names = archive.namelist()
        assert "saydo/metadata.yaml" in names
        again = {name: yaml.safe_load(archive.read(name)) for name in names}
    ids = {path: file.get("uuid") for path, file in content.items()}
    assert {path.removeprefix("saydo/"): file.get("uuid") for path, file in again.items()} == ids
    known = [one for one in ids.values() if one]
    assert len(known) == len(set(known)) == len(ids) - 1


def datasets(models):
    place = Place("duckdb://", "main", {})
    return [dataset_file(mart, (), place, "GBP") for mart in marts(models).values()]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("description: Of customers who never paid before.", "", "new_mrr has no description"),
        ("monthly\n    description: >", "monthly\n    x: >", "monthly': it has no description"),
        ("doc('month_start_date')", "doc('no_such_block')", "no_such_block"),
    ],
)  # fmt: skip
def test_what_nobody_explains_is_not_handed_out(tmp_path, old, new, said):
    for copy in (tmp_path / "whole", tmp_path / "faulty"):
        shutil.copytree(MODELS / "marts" / "revenue", copy / "marts" / "revenue")
        shutil.copyfile(MODELS / "docs.md", copy / "docs.md")
    assert len(datasets(tmp_path / "whole")) == 3
    file = tmp_path / "faulty" / "marts" / "revenue" / "recurring_revenue_monthly.yml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    with pytest.raises(ConfigError, match=said):
        datasets(tmp_path / "faulty")


def test_a_metric_that_one_table_cannot_answer_is_refused(tmp_path):
    defined = yaml.safe_load((MODELS / "metrics.yml").read_text())
    file = tmp_path / "metrics.yml"
    for change, said in (
        ({"type": "derived"}, "simple and ratio are known"),
        ({"type_params": {"measure": "nothing"}}, "no measure 'nothing'"),
        ({"config": {"meta": {"unit": "bananas"}}}, "bananas"),
    ):
        file.write_text(yaml.safe_dump(defined | {"metrics": [defined["metrics"][0] | change]}))
        with pytest.raises(ConfigError, match=said):
            saved_metrics(file)


def test_what_stands_at_a_time_is_never_added_up_over_times():
    mrr = next(metric for metric in saved_metrics() if metric.code == "mrr")
    with duckdb.connect() as connection:
        connection.execute(
            "create table customer_months as from (values (date '2025-01-01', 10), "
            "(date '2025-01-01', 5), (date '2025-02-01', 20)) t(month_start_date, closing_mrr)"
        )
        by_month = connection.execute(
            f"select {mrr.expression} from customer_months group by month_start_date order by 1"
        ).fetchall()
        whole = connection.execute(f"select {mrr.expression} from customer_months").fetchall()
    assert by_month == [(15,), (20,)] and whole == [(None,)]
    assert "month_start_date" in mrr.warning


def test_the_database_is_locked_down(tmp_path):
    secret, file = tmp_path / "secret.txt", tmp_path / "marts.duckdb"
    secret.write_text("personal")
    with duckdb.connect(str(file)) as connection:
        connection.execute("create table customer_profiles as select 1 as customer_id")
    with duckdb.connect(str(file), **LOCKED_DOWN) as connection:
        assert connection.execute("select * from customer_profiles").fetchall() == [(1,)]
        for hostile in (
            f"select * from read_text('{secret}')",
            f"attach '{tmp_path / 'other.duckdb'}' as other",
            f"copy customer_profiles to '{tmp_path / 'out.csv'}'",
            "create table t (i int)",
            "set enable_external_access = true",
            "set memory_limit = '64GB'",
            "install httpfs",
            "load postgres",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(hostile)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["marts.duckdb", "secret.txt"]


def test_the_bundle_for_postgresql_holds_no_password(tmp_path, monkeypatch):
    monkeypatch.setenv(
        "SAYDO_BI_POSTGRES", "postgresql://reader:very%2Fsecret@db.example:5432/saydo"
    )
    settings = Settings(home=tmp_path)
    content = bundle(settings, is_postgres=True)
    assert "secret" not in str(content["databases/saydo.yaml"])
    uri = content["databases/saydo.yaml"]["sqlalchemy_uri"]
    assert uri == "postgresql://reader:XXXXXXXXXX@db.example:5432/saydo"
    assert {file["schema"] for file in of(content, "datasets")} == {"marts"}


@pytest.mark.parametrize("address", [None, "mysql://reader:hidden@db/saydo", "hidden"])
def test_an_address_that_is_none_is_told_without_what_it_holds(tmp_path, monkeypatch, address):
    monkeypatch.delenv("SAYDO_BI_POSTGRES", raising=False)
    if address:
        monkeypatch.setenv("SAYDO_BI_POSTGRES", address)
    made = CliRunner().invoke(
        app,
        ["bi", "superset", "--postgres", "--out", str(tmp_path / "b.zip"), "--home", str(tmp_path)],
    )
    assert made.exit_code == 2
    assert "SAYDO_BI_POSTGRES" in made.output and "hidden" not in made.output
    assert list(tmp_path.iterdir()) == []


def test_the_command_writes_the_bundle_and_counts_what_is_in_it(tmp_path):
    out = tmp_path / "saydo.zip"
    made = CliRunner().invoke(app, ["bi", "superset", "--out", str(out), "--home", str(tmp_path)])
    assert made.exit_code == 0, made.output
    with ZipFile(out) as archive:
        count = sum("/charts/" in name for name in archive.namelist())
    assert f"{count} charts, 4 dashboards, 12 metrics" in made.output
    lost = CliRunner().invoke(app, ["bi", "superset", "--out", str(Path(tmp_path, "no", "b.zip"))])
    assert lost.exit_code == 2 and "make it first" in lost.output
