"""What a page shows is text, whoever wrote it."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError

from saydo.gate.results import INDEX
from saydo.pages import render

HOSTILE = "\"'><script>alert(1)</script>"


def summary(**changes) -> dict:
    suite = {
        "suite": HOSTILE,
        "row_count": 1,
        "evaluated_count": 2,
        "failed": {"critical": 0, "warning": 1},
    }
    return {
        "success": True,
        "checked_at": HOSTILE,
        "suites": [suite],
        "warnings": [HOSTILE],
    } | changes


def test_no_value_of_a_gates_index_becomes_markup():
    page = render(INDEX, summary=summary())
    assert "<script" not in page and page.count("&lt;script&gt;") == 4
    assert 'href="&#34;&#39;&gt;&lt;script' in page


def test_a_value_that_nobody_gave_is_no_empty_text(tmp_path):
    (tmp_path / "page.html").write_text("{{ given }}{{ forgotten }}")
    with pytest.raises(UndefinedError, match="forgotten"):
        render(tmp_path / "page.html", given=1)


def test_a_refused_gate_says_so():
    assert "<h1>Gate: refused</h1>" in render(INDEX, summary=summary(success=False))
