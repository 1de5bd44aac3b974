"""Small files: a model, a module or a DAG that outgrows its limit holds two ideas."""

from __future__ import annotations

import re

import pytest
from project_tree import ROOT, files, shown

LIMITS = [
    ("dbt_project/models", ".sql", 120),
    ("dbt_project/macros", ".sql", 150),
    ("dags", ".py", 79),
    ("plugins", ".py", 300),
    ("expectations", ".py", 300),
    ("tests", ".py", 300),
    ("bench", ".py", 300),
]
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}
# What a model is made from, one CTE per ref() or source(), before its first own step.
_IMPORT = r"\w+ as \(\s*select \* from \{\{ (?:ref|source)\([^)]*\) \}\}\s*\),?\s*"
LEADING_IMPORTS = re.compile(rf"^with\s+((?:{_IMPORT})+)", re.M)


def without_imports(sql: str) -> str:
    """A model without the import CTEs it begins with: a list of names holds no idea."""
    found = LEADING_IMPORTS.search(sql)
    return sql if found is None else sql[: found.start(1)] + sql[found.end(1) :]


def too_long(texts: dict[str, str], limit: int) -> dict[str, int]:
    counts = {
        name: len((without_imports(text) if "/models/" in name else text).splitlines())
        for name, text in texts.items()
    }
    return {name: count for name, count in counts.items() if count > limit}


@pytest.mark.parametrize(("folder", "suffix", "limit"), LIMITS)
def test_no_file_outgrows_its_limit(folder, suffix, limit):
    texts = {shown(f): f.read_text() for f in files(suffix, under=folder)}
    assert texts, f"nothing to check in {folder}"
    assert too_long(texts, limit) == {}


def test_no_module_is_a_drawer_for_everything():
    named = [f for f in files(".py", ".sql") if f.stem.strip("_") in BANNED_NAMES]
    assert [shown(f) for f in named] == []


def test_the_checker_counts_no_import_and_everything_after_the_first_step():
    imports = "".join(
        f"{name} as (\n\n    select * from {{{{ {made}('x') }}}}\n\n),\n\n"
        for name, made in (("a", "ref"), ("b", "source"))
    )
    step = "c as (\n\n    select * from {{ ref('x') }}\n\n    where x\n\n),\n\n"
    model = "-- One row per x.\nwith\n\n" + imports + step + imports + "select * from c\n"
    assert len(without_imports(model).splitlines()) == len(model.splitlines()) - 12
    assert without_imports(step) == step


def test_the_checker_sees_a_long_file():
    assert too_long({"a.py": "x\n" * 301, "b.py": "x\n" * 300}, 300) == {"a.py": 301}
    assert (ROOT / "pyproject.toml").exists()
