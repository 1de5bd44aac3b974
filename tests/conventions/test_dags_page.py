"""docs/dags.md says what the DAG files say."""

from __future__ import annotations

import pytest
from dags_page import PAGE, render


def test_the_page_is_what_the_docstrings_render():
    assert PAGE.read_text(encoding="utf-8") == render(), (
        "docs/dags.md drifted; write it again with `python tests/conventions/dags_page.py`"
    )


def test_a_changed_docstring_changes_the_page(tmp_path):
    (tmp_path / "build_it.py").write_text('"""Promises much."""\n')
    assert "## `build_it`\n\nPromises much.\n" in render(tmp_path)


def test_a_dag_without_a_manual_has_no_page(tmp_path):
    (tmp_path / "build_it.py").write_text("x = 1\n")
    with pytest.raises(ValueError, match=r"build_it\.py has no docstring"):
        render(tmp_path)
