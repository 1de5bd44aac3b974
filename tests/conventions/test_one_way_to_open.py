"""DuckDB is opened by saydo.engine alone: within limits, spilling where nobody else does."""

from __future__ import annotations

import ast

from project_tree import files, shown

# Each opens nothing that could spill, and knows no home.
ELSEWHERE = {
    "plugins/saydo/engine.py": "the one way",
    "plugins/saydo/landing/expressions.py": "parses expressions in an empty database",
    "plugins/saydo/landing/pseudonyms.py": "normalises one value",
    "plugins/saydo/simulate/delivery.py": "writes made-up rows, before there is a home",
}
_OPENS = {"connect", "execute", "sql", "query"}


def opens(source: str) -> bool:
    """Whether a Python source calls a function of the module duckdb that opens a database."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _OPENS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "duckdb"
        for node in ast.walk(ast.parse(source))
    )


def test_duckdb_is_opened_in_one_place():
    found = {
        shown(file)
        for folder in ("plugins", "expectations", "dags")
        for file in files(".py", under=folder)
        if opens(file.read_text())
    }
    assert found == set(ELSEWHERE)
    assert len(ELSEWHERE) <= 4, "the exceptions may only become fewer"


def test_the_checker_sees_a_connection():
    assert opens("import duckdb\nwith duckdb.connect() as c:\n    pass\n")
    assert not opens("with open_database(settings) as c:\n    c.execute('select 1')\n")
