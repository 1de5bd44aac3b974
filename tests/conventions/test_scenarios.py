"""Every scenario of tests/warehouse/SCENARIOS.md has its tests, and each test its scenario."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from project_tree import ROOT
from test_fault_table import NAMED, functions_in, missing_tests

TESTS = ROOT / "tests" / "warehouse"
PAGE = (TESTS / "SCENARIOS.md").read_text()
ROW = re.compile(r"^\| (?!scenario |---)([^|]+) \|", re.M)
SCENARIO_FILES = (
    "identity/test_identity_scenarios.py",
    "identity/test_ownership_scenarios.py",
    "identity/test_release_scenarios.py",
    "identity/test_identity_registry.py",
)
WORLD_FILES = ("identity/scenario_worlds.py", "identity/ownership_worlds.py")


def scenario_rows(text: str) -> dict[str, str]:
    """Name of each scenario to its row."""
    return {ROW.match(line)[1]: line for line in text.splitlines() if ROW.match(line)}


def worlds(source: str) -> set[str]:
    """Functions that make the accounts and identifiers of one scenario."""
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    return {
        function.name
        for function in functions
        if [argument.arg for argument in function.args.args] == ["world", "name"]
    }


@pytest.mark.parametrize("row", scenario_rows(PAGE).values(), ids=scenario_rows(PAGE))
def test_a_scenario_has_tests_that_exist(row):
    assert missing_tests(row, TESTS) == []


@pytest.mark.parametrize("file", SCENARIO_FILES)
def test_a_scenario_test_is_named_in_a_scenario(file):
    named = {test for row in scenario_rows(PAGE).values() for where, test in NAMED.findall(row)}
    tests = {name for name in functions_in(TESTS / file) if name.startswith("test_")}
    assert tests and tests - named == set()


@pytest.mark.parametrize("file", WORLD_FILES)
def test_a_world_is_a_scenario_of_its_name(file):
    made = worlds((TESTS / file).read_text())
    assert made and made - scenario_rows(PAGE).keys() == set()


def test_there_are_at_least_thirty_and_each_is_named_once():
    names = [match[1] for match in ROW.finditer(PAGE)]
    assert len(names) == len(set(names)) >= 30


def test_the_checker_sees_a_row_and_a_world(tmp_path: Path):
    text = "| scenario | x |\n| --- | --- |\n| chain | `test_a.py::test_gone` |\n"
    assert set(scenario_rows(text)) == {"chain"}
    assert missing_tests(scenario_rows(text)["chain"], tmp_path) == ["test_a.py::test_gone"]
    assert worlds("def chain(world, name): ...\ndef other(x): ...\n") == {"chain"}
