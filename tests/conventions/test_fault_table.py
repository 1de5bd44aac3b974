"""Every fault of docs/testing.md is held against tests that exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from project_tree import ROOT

PAGE = (ROOT / "docs" / "testing.md").read_text()
ROW = re.compile(r"^\| (\d+) ")
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
CRITICAL = {
    1, 2, 4, 7, 9, 10, 11, 12, 13, 15, 16, 20, 21, 22, 24, 25, 26, 28, 36, 44, 55, 58, 59, 60, 62,
    63, 64, 71,
}  # fmt: skip


def fault_rows(text: str) -> list[str]:
    return [line for line in text.splitlines() if ROW.match(line)]


def missing_tests(row: str, tests: Path) -> list[str]:
    named = NAMED.findall(row)
    return [
        f"{file}::{test}" for file, test in named if test not in functions_in(tests / file)
    ] or ([] if named else ["no test is named"])


def functions_in(file: Path) -> set[str]:
    if not file.is_file():
        return set()
    tree = ast.parse(file.read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", fault_rows(PAGE), ids=lambda row: row[2:30])
def test_the_functions_in_a_fault_exist(row):
    assert missing_tests(row, ROOT / "tests") == []


def test_no_fault_of_the_catalogue_that_must_never_pass_is_left_out():
    assert CRITICAL - {int(ROW.match(row)[1]) for row in fault_rows(PAGE)} == set()


def test_the_checker_sees_a_test_that_is_gone(tmp_path):
    (tmp_path / "test_a.py").write_text("def test_it():\n    assert True\n")
    assert missing_tests("| 1 x | y | `test_a.py::test_it` |", tmp_path) == []
    assert missing_tests("| 1 x | y | `test_a.py::test_gone` |", tmp_path) == [
        "test_a.py::test_gone"
    ]
    assert missing_tests("| 1 x | y | none |", tmp_path) == ["no test is named"]
