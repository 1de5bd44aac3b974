"""Whatever sends a row to quarantine is on the page that says what can leave a row out."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from project_tree import ROOT, files

PAGE = (ROOT / "docs" / "left-out.md").read_text()


def reasons(source: str) -> Iterator[str]:
    """The code of every `Check(column, code, …)`, be it written there or given a name before."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Check":
            code = node.args[1]
            yield from (_values(tree, code.id) if isinstance(code, ast.Name) else [code.value])


def _values(tree: ast.AST, name: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                names = target.elts if isinstance(target, ast.Tuple) else [target]
                values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
                for known, value in zip(names, values, strict=False):
                    if getattr(known, "id", "") == name and isinstance(value, ast.Constant):
                        yield value.value


def test_every_reason_of_quarantine_is_on_the_page():
    found = {
        code
        for file in files(".py", under="plugins/saydo/landing")
        for code in reasons(file.read_text())
    }
    assert len(found) > 15
    assert {code for code in found | {"unreadable_line"} if f"`{code}`" not in PAGE} == set()


def test_the_checker_sees_a_reason_that_has_a_name():
    source = 'late, reason = "too_late", "x"\nCheck("a", late, reason)\nCheck("a", "odd", "")'
    assert set(reasons(source)) == {"too_late", "odd"}
