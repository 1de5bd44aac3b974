"""A DAG file is parsed every few seconds: it imports nothing heavy and reads no variable then."""

from __future__ import annotations

import ast

import pytest
from project_tree import files, shown

HEAVY = {"dbt", "duckdb", "pandas", "numpy", "pyarrow", "great_expectations", "sqlalchemy"}


def module_level_imports(source: str) -> set[str]:
    """First parts of the modules imported when the file is loaded (function bodies are not)."""
    found: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
        waiting.extend(ast.iter_child_nodes(node))
    return found


def dag_faults(source: str) -> set[str]:
    """Heavy imports, `Variable` reads, and a missing manual."""
    tree = ast.parse(source)
    faults = {f"imports {name}" for name in module_level_imports(source) & HEAVY}
    if len((ast.get_docstring(tree) or "").split()) < 30:
        faults.add("has no manual as its docstring")
    if any(
        isinstance(n, ast.Attribute)
        and n.attr == "get"
        and getattr(n.value, "id", "") == "Variable"
        for n in ast.walk(tree)
    ):
        faults.add("reads a Variable")
    if any(isinstance(n, ast.If | ast.While | ast.Try) for n in ast.walk(tree)):
        faults.add("branches")
    return faults


DAG_FILES = files(".py", under="dags")


@pytest.mark.parametrize("file", DAG_FILES, ids=shown)
def test_a_dag_file_is_light_and_documented(file):
    assert dag_faults(file.read_text()) == set()


@pytest.mark.parametrize("file", files(".py", under="plugins/saydo/operators"), ids=shown)
def test_an_operator_imports_the_heavy_part_when_it_runs(file):
    assert module_level_imports(file.read_text()) & HEAVY == set()


def test_there_are_dags_to_check():
    known = {
        "activate_segments",
        "build_customer_warehouse",
        "maintain_warehouse",
        "recover_service",
    }
    assert known <= {f.stem for f in DAG_FILES}


def test_the_checker_sees_each_fault():
    bad = "import duckdb.sql\nfrom pandas import read_csv\nX = Variable.get('x')\nif X:\n    pass\n"
    assert dag_faults(bad) == {
        "imports duckdb",
        "imports pandas",
        "has no manual as its docstring",
        "reads a Variable",
        "branches",
    }
    assert module_level_imports("def run():\n    import duckdb\n") == set()
