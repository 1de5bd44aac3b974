"""The cost model of docs/scale.md, and the page that its figures are from."""

from __future__ import annotations

import sys
import time

import pytest

from bench.cost_model import TERMS, fit, of_one_day
from bench.scale import PAGE, read_points
from bench.scale_page import page
from bench.watching import watch

# Customers, months; rows of both kinds are planted apart.
SIZES = [(10_000, 12), (100_000, 3), (100_000, 12), (1_000_000, 12)]


def business(customers: int, months: int) -> dict:
    rows = customers * months * 36
    sizes = {"customers": customers, "customer-months": customers * months, "rows": rows}
    steps = {
        step: {"cpu": 5 + sum(2e-6 * sizes[term] for term in terms)}
        for step, terms in TERMS.items()
    }
    return {
        "customers": customers,
        "months": months,
        "rows": {"network_usage_daily": {"loaded": rows}},
        "steps": steps,
    }


@pytest.mark.parametrize("step", TERMS)
def test_a_planted_line_is_found_again(step):
    line = fit([business(*size) for size in SIZES], step)

    assert line.fixed == pytest.approx(5, rel=1e-4)
    assert line.by_term == pytest.approx(dict.fromkeys(TERMS[step], 2e-6), rel=1e-4)


def test_too_few_points_for_its_terms_give_no_line():
    assert fit([business(*size) for size in SIZES[:2]], "full") is None


def test_more_rows_a_customer_and_day_make_the_day_dearer_by_those_of_its_month():
    lines = {step: fit([business(*size) for size in SIZES], step) for step in TERMS}

    usual, more = (of_one_day(lines, 1_000, a_day, 12, usual=1.2) for a_day in (1_200, 2_200))

    assert more["day"] - usual["day"] == pytest.approx(2e-6 * 1_000 * 31)
    assert more["land"] - usual["land"] == pytest.approx(2e-6 * 1_000)
    assert more["full"] - usual["full"] == pytest.approx(2e-6 * 1_000 * 365)
    assert more["publish"] == usual["publish"]


def test_the_page_is_what_the_measured_points_say():
    assert PAGE.read_text() == page(read_points()), "run `python -m bench.scale`"


def test_what_a_child_takes_counts_with_its_parent(tmp_path):
    work = (
        "import time; held = bytearray(80_000_000); end = time.process_time() + 1\n"
        "while time.process_time() < end: pass"
    )
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {work!r}])"
    (tmp_path / "spilled").write_bytes(b"x" * 1_000_000)

    begun = time.perf_counter()
    done = watch([sys.executable, "-c", parent], {}, tmp_path)

    assert 1 <= done.cpu <= 1.5 + time.perf_counter() - begun
    assert done.peak_mb > 80
    assert done.spilled_mb >= 1


def test_a_process_that_fails_is_told_with_what_it_printed(tmp_path):
    with pytest.raises(RuntimeError, match="out of luck"):
        watch([sys.executable, "-c", "raise SystemExit('out of luck')"], {}, tmp_path)
