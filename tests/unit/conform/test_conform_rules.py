"""Each invariant is found in the row that breaks it, and nowhere else."""

from __future__ import annotations

import duckdb
import pytest
from typer.testing import CliRunner

from saydo.cli import app
from saydo.conform import GOLDEN, RULES, Movement, read_movements, rule_breaks, write_golden
from saydo.errors import ConfigError

HEADER = "customer,month,amount,movement_type\n"
SOUND = ("a 2024-01 10 new", "a 2024-03 5 expansion", "a 2024-05 -15 churn")

# Rules to rows, and the (row, rule) pairs that they break.
BROKEN = {
    "customer_given": ((" 2024-01 10 new",), [(1, "customer_given")]),
    "month_readable": (("a 2024-13 10 new", "b 01/2024 10 new", "c 2024-01-15 10 new"),
                       [(1, "month_readable"), (2, "month_readable"), (3, "month_readable")]),
    "type_known": (("a 2024-01 10 New",), [(1, "type_known")]),
    "amount_readable": (("a 2024-01 1e3 new", "b 2024-01 1.005 new", "c 2024-01 nan new"),
                        [(1, "amount_readable"), (2, "amount_readable"), (3, "amount_readable")]),
    "amount_moves": ((*SOUND[:2], "a 2024-04 0.00 expansion"), [(3, "amount_moves")]),
    "amount_signed": ((*SOUND[:2], "a 2024-05 15 churn"),
                      [(3, "amount_signed"), (3, "churn_to_zero")]),
    "moved_once": ((*SOUND[:2], "a 2024-03-01 1 expansion"), [(3, "moved_once")]),
    "new_first": (("a 2024-01 10 expansion", "a 2024-02 -10 churn"), [(1, "new_first")]),
    "new_once": ((*SOUND, "a 2024-07 10 new"), [(4, "new_once")]),
    "reactivation_after_churn": ((*SOUND[:2], "a 2024-04 2 reactivation"),
                                 [(3, "reactivation_after_churn")]),
    "expansion_while_paying": ((*SOUND, "a 2024-06 5 expansion"), [(4, "expansion_while_paying")]),
    "contraction_while_paying": ((*SOUND, "a 2024-06 -5 contraction"),
                                 [(4, "contraction_while_paying")]),
    "contraction_keeps_paying": ((*SOUND[:2], "a 2024-04 -15 contraction"),
                                 [(3, "contraction_keeps_paying")]),
    "churn_while_paying": ((*SOUND, "a 2024-06 -5 churn"), [(4, "churn_while_paying")]),
    "churn_to_zero": ((*SOUND[:2], "a 2024-04 -14 churn", "a 2024-05 3 reactivation"),
                      [(3, "churn_to_zero")]),
}  # fmt: skip


def moved(*lines):
    return [Movement(n, *line.split(" ")) for n, line in enumerate(lines, start=1)]


@pytest.mark.parametrize(("lines", "expected"), BROKEN.values(), ids=BROKEN)
def test_a_broken_rule_is_told_of_its_row_and_no_other(lines, expected):
    assert [(each.row, each.rule) for each in rule_breaks(moved(*lines))] == expected


def test_every_rule_has_a_scenario_in_which_it_is_broken():
    assert BROKEN.keys() == RULES.keys()


def test_movements_in_any_order_are_followed_by_month():
    assert rule_breaks(moved(*reversed(SOUND))) == []


def test_what_is_found_names_no_customer():
    told = rule_breaks(moved("ann@example.com 2024-01 10 expansion", "ann@example.com x y z"))
    assert told and not [each for each in told if "ann" in each.found]


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden.name)
def test_the_golden_movements_break_no_rule(golden, tmp_path):
    write_golden(tmp_path)
    movements = read_movements(tmp_path / golden.name / "movements.csv")
    assert rule_breaks(movements) == []
    assert [m.customer for m in movements] == [row[0] for row in golden.movements]
    lines = (tmp_path / golden.name / "subscriptions.csv").read_text().splitlines()
    assert len(lines) == 1 + len(golden.subscriptions)


def command(*words):
    return CliRunner().invoke(app, ["conform", "mrr", *map(str, words)], env={"COLUMNS": "160"})


def test_a_sound_file_passes_and_a_broken_one_exits_3_with_its_rows(tmp_path):
    sound, broken = tmp_path / "sound.csv", tmp_path / "broken.csv"
    sound.write_text(HEADER + "a,2024-01,10,new\n")
    broken.write_text(HEADER + "a,2024-01,10,new\na,2024-02,-9,churn\n")
    assert command("--input", sound).exit_code == 0
    done = command("--input", broken)
    assert done.exit_code == 3
    assert "churn_to_zero" in done.output and "churn of -9 where 10 was paid" in done.output
    assert "1 of 2 movements break a rule" in done.output


def test_parquet_is_read_as_csv_is(tmp_path):
    file = tmp_path / "movements.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select 7 as customer, date '2024-01-01' as month, "
            "cast(10 as decimal(18, 2)) as amount, 'new' as movement_type union all "
            f"select 7, date '2024-02-01', -10, 'churn') to '{file}'"
        )
    assert read_movements(file) == [
        Movement(1, "7", "2024-01-01", "10.00", "new"),
        Movement(2, "7", "2024-02-01", "-10.00", "churn"),
    ]
    assert command("--input", file).exit_code == 0


def test_what_cannot_be_judged_is_told(tmp_path):
    file = tmp_path / "m.csv"
    with pytest.raises(ConfigError, match="there is no such file"):
        read_movements(file)
    file.write_text("customer,month,amount\na,2024-01,10\n")
    with pytest.raises(ConfigError, match="no column movement_type; it has customer, month, amou"):
        read_movements(file)
    (tmp_path / "m.parquet").write_text("x")
    with pytest.raises(ConfigError, match="cannot be read as Parquet"):
        read_movements(tmp_path / "m.parquet")
    assert command().exit_code == 2
    assert command("--golden", tmp_path / "golden").exit_code == 0
    assert (tmp_path / "golden" / "pause" / "movements.csv").exists()
