"""Small files: a model, a module or a DAG that outgrows its limit holds two ideas."""

from __future__ import annotations

import pytest
from project_tree import ROOT, files, shown

LIMITS = [
    ("dbt_project/models", ".sql", 120),
    ("dags", ".py", 79),
    ("plugins", ".py", 300),
    ("expectations", ".py", 300),
    ("tests", ".py", 300),
    ("bench", ".py", 300),
]
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}


def too_long(texts: dict[str, str], limit: int) -> dict[str, int]:
    counts = {name: len(text.splitlines()) for name, text in texts.items()}
    return {name: count for name, count in counts.items() if count > limit}


@pytest.mark.parametrize(("folder", "suffix", "limit"), LIMITS)
def test_no_file_outgrows_its_limit(folder, suffix, limit):
    texts = {shown(f): f.read_text() for f in files(suffix, under=folder)}
    assert texts, f"nothing to check in {folder}"
    assert too_long(texts, limit) == {}


def test_no_module_is_a_drawer_for_everything():
    named = [f for f in files(".py", ".sql") if f.stem.strip("_") in BANNED_NAMES]
    assert [shown(f) for f in named] == []


def test_the_checker_sees_a_long_file():
    assert too_long({"a.py": "x\n" * 301, "b.py": "x\n" * 300}, 300) == {"a.py": 301}
    assert (ROOT / "pyproject.toml").exists()
