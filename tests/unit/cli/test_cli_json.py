"""What commands print for programs: JSON, CSV, and what stands beside it on standard error."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

sys.path.append(str(Path(__file__).parents[1] / "release"))

from fake_candidate import AS_OF, build_candidate, make_settings

from saydo.cli import app, warehouse
from saydo.notices import Notice, tell
from saydo.release import current_release_id, publish


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    settings = make_settings(tmp_path_factory.mktemp("told"))
    build_candidate(settings)
    publish(settings, AS_OF)
    return settings


def say(home, *words, given=None):
    return CliRunner().invoke(app, [*words, "--home", str(home.home)], input=given)


def test_rows_are_an_array_of_objects_with_numbers_as_numbers(home):
    done = say(home, "sql", "select 1.50 as a, date '2025-01-02' as b, null as c", "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    assert json.loads(done.stdout) == [{"a": 1.5, "b": "2025-01-02", "c": None}]
    none = say(home, "sql", "select 1 as a where false", "--json")
    assert json.loads(none.stdout) == []


def test_releases_are_told_as_json_with_their_counts(home):
    [release] = json.loads(say(home, "releases", "--json").stdout)
    assert release["release_id"] == current_release_id(home)
    assert release["row_counts"]["customer_profiles"] == 40


def test_an_empty_home_is_an_empty_array(tmp_path):
    settings = make_settings(tmp_path)
    for words in (("releases", "--json"), ("quarantine", "--json")):
        assert json.loads(say(settings, *words).stdout) == []


def test_a_query_is_read_from_a_file_and_from_standard_input(home, tmp_path):
    file = tmp_path / "question.sql"
    file.write_text("select 2 as two")
    assert say(home, "sql", "--file", str(file), "--csv").stdout == "two\n2\n"
    assert say(home, "sql", "-", "--csv", given="select 3 as three;").stdout == "three\n3\n"
    wrong = say(home, "sql", "select 1", "--file", str(file))
    assert wrong.exit_code == 2 and "give one query" in wrong.output
    assert say(home, "sql", "--file", str(tmp_path / "none.sql")).exit_code == 2


def test_csv_has_iso_times_empty_fields_for_nothing_and_all_its_decimals(home):
    sql = "select 1.50 as a, timestamp '2025-01-02 03:04:05' as b, null as c, 'x,\"y' as d"
    told = say(home, "sql", sql, "--csv").stdout
    assert told == 'a,b,c,d\n1.50,2025-01-02T03:04:05,,"x,""y"\n'


def test_a_table_that_is_cut_says_so_beside_it(home):
    done = say(home, "sql", "select customer_id from customer_profiles", "--limit", "2")
    assert len(done.stdout.splitlines()) == 3
    assert "only the first 2 rows" in done.stderr


def test_columns_of_one_name_are_refused_where_one_would_be_lost(home):
    done = say(home, "sql", "select 1 as a, 2 as a", "--json")
    assert (done.exit_code, done.stdout) == (
        2,
        "",
    ) and "several columns are called a" in done.stderr


@pytest.mark.parametrize(
    ("sql", "code"), [("select * from nowhere", 2), ("drop table customer_profiles", 3)]
)
def test_a_wrong_query_and_a_refused_one_have_codes_of_their_own(home, sql, code):
    done = say(home, "sql", sql, "--json")
    assert (done.exit_code, done.stdout) == (code, "")


def test_movements_that_break_a_rule_are_told_as_json_with_the_same_code(tmp_path):
    file = tmp_path / "movements.csv"
    file.write_text("customer,month,amount,movement_type\nx,2025-01-01,-5,new\n")
    done = CliRunner().invoke(app, ["conform", "mrr", "--input", str(file), "--json"])
    found = json.loads(done.stdout)
    assert done.exit_code == 3 and found and set(found[0]) == {"row", "rule", "found"}


def test_a_run_is_told_as_one_object_whether_it_published_or_not(home, capsys):
    tell(home, "land", [Notice("rows repeat a key", "feed shop", 12, "ask its owner")])
    failed = SimpleNamespace(task_id="gate_marts", label=None)
    warehouse._print_outcome(home, SimpleNamespace(results={}, failures=[failed]))
    told = json.loads(capsys.readouterr().out)
    assert told["release"] is None
    assert told["failures"] == [{"task_id": "gate_marts", "label": None}]
    assert told["notices"] == [
        {"what": "rows repeat a key", "where": "feed shop", "count": 12, "advice": "ask its owner"}
    ]


def test_the_command_starts_without_what_only_some_commands_need():
    program = (
        "import sys; from saydo.cli import app; "
        "print({'duckdb', 'mcp', 'metricflow', 'dbt', 'airflow', 'pyarrow'} & set(sys.modules))"
    )
    paths = {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=paths, capture_output=True, text=True
    )
    assert done.stdout == "set()\n", done.stderr
