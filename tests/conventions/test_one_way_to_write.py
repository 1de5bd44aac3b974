"""Files are put in place by saydo.durable alone: flushed first, then renamed into sight."""

from __future__ import annotations

import ast

from project_tree import files, shown

# Each renames what nobody reads: not yet, or no more.
ELSEWHERE = {
    "plugins/saydo/durable.py": "the one way",
    "plugins/saydo/landing/commit.py": "names the files of a folder that is not yet in place",
    "plugins/saydo/release/keeping.py": "takes a release out of sight, to remove it",
    "plugins/saydo/release/publishing.py": "a release is never put in place of another",
    "plugins/saydo/simulate/delivery.py": "writes made-up files, before there is a home",
}
_PUTS = {"fsync", "rename", "hardlink_to", "write_table"}


def puts_in_place(source: str) -> bool:
    """Whether a Python source flushes, renames or writes a table without saydo.durable."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        name, on = node.func.attr, ast.unparse(node.func.value)
        # Of all that are called `replace`, only a path's takes one argument without a name.
        is_path_replace = name == "replace" and len(node.args) == 1 and not node.keywords
        if name in _PUTS or is_path_replace or (on, name) in {("json", "dump"), ("os", "replace")}:
            return True
    return False


def test_files_are_put_in_place_in_one_way():
    found = {
        shown(file)
        for folder in ("plugins", "expectations", "dags")
        for file in files(".py", under=folder)
        if puts_in_place(file.read_text())
    }
    assert found == set(ELSEWHERE)
    assert len(ELSEWHERE) <= 5, "the exceptions may only become fewer"


def test_the_checker_sees_a_rename_and_no_other_replace():
    assert puts_in_place("beside.rename(file)\n")
    assert puts_in_place("beside.replace(file)\n")
    assert puts_in_place("import json\njson.dump([], file)\n")
    assert not puts_in_place(
        "text.replace('a', 'b')\nday.replace(day=1)\nreplace(outcome, rows=1)\n"
    )
