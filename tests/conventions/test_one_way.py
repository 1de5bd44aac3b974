"""What has one home is done nowhere else: opening DuckDB, putting a file in place, quoting SQL.

The exceptions of each may only become fewer.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

import pytest
from project_tree import files, shown

# Within limits, spilling where nobody else does.
OPEN_DUCKDB = {"plugins/saydo/engine.py": "the one way"}
# Flushed first, then renamed. Each exception renames what nobody reads: not yet, or no more.
PUT_IN_PLACE = {
    "plugins/saydo/durable.py": "the one way",
    "plugins/saydo/landing/commit.py": "names the files of a folder that is not yet in place",
    "plugins/saydo/release/keeping.py": "takes a release out of sight, to remove it",
    "plugins/saydo/release/publishing.py": "a release is never put in place of another",
    "plugins/saydo/simulate/delivery.py": "writes made-up files, before there is a home",
}
QUOTE_SQL = {"plugins/saydo/sql.py": "the one way"}


def _called(source: str) -> Iterator[tuple[str, str, ast.Call]]:
    """Each call of an attribute: on what, the attribute, and the call."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield ast.unparse(node.func.value), node.func.attr, node


def opens_duckdb(source: str) -> bool:
    """Whether a source calls a function of the module duckdb that opens a database."""
    opens = {"connect", "execute", "sql", "query"}
    return any(on == "duckdb" and name in opens for on, name, _ in _called(source))


def puts_in_place(source: str) -> bool:
    """Whether a source flushes, renames or writes a table itself."""
    puts = {"fsync", "rename", "hardlink_to", "write_table"}
    return any(
        name in puts
        or (on, name) in {("json", "dump"), ("os", "replace")}
        # Of all that are called `replace`, only a path's takes one argument without a name.
        or (name == "replace" and len(call.args) == 1 and not call.keywords)
        for on, name, call in _called(source)
    )


def quotes_sql(source: str) -> bool:
    """Whether a source doubles quotes by itself."""
    doubled = (["'", "''"], ['"', '""'])
    return any(
        name == "replace" and [getattr(given, "value", None) for given in call.args] in doubled
        for _, name, call in _called(source)
    )


@pytest.mark.parametrize(
    ("does_so", "homes", "most"),
    [(opens_duckdb, OPEN_DUCKDB, 1), (puts_in_place, PUT_IN_PLACE, 5), (quotes_sql, QUOTE_SQL, 1)],
)
def test_what_has_one_home_is_done_nowhere_else(
    does_so: Callable[[str], bool], homes: dict[str, str], most: int
):
    found = {
        shown(file)
        for folder in ("plugins", "expectations", "dags")
        for file in files(".py", under=folder)
        if does_so(file.read_text())
    }
    assert found == set(homes)
    assert len(homes) <= most


def test_the_checkers_see_what_they_look_for():
    assert opens_duckdb("import duckdb\nwith duckdb.connect() as c:\n    pass\n")
    assert not opens_duckdb("with open_database(settings) as c:\n    c.execute('select 1')\n")
    assert puts_in_place("beside.rename(file)\n")
    assert puts_in_place("beside.replace(file)\n")
    assert puts_in_place("import json\njson.dump([], file)\n")
    assert not puts_in_place("text.replace('a', 'b')\nday.replace(day=1)\n")
    assert quotes_sql("""text.replace("'", "''")\n""")
    assert not quotes_sql("""text.replace("'", "")\n""")
