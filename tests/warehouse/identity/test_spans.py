"""The macros that merge and count spans, in plain DuckDB: ties, on any threads, in any order."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import datetime, timedelta
from types import SimpleNamespace

import duckdb
import jinja2
import pyarrow as pa
import pytest
from identity_oracle import most_at_once, united
from small_home import PROJECT

FIRST = datetime(2024, 1, 1)


@pytest.fixture(scope="module")
def macros():
    saydo = SimpleNamespace()
    for name in ("merge_spans", "held_pieces"):
        source = (PROJECT / "macros" / "identity" / f"{name}.sql").read_text()
        module = jinja2.Environment().from_string(source, {"saydo": saydo}).module
        vars(saydo).update(vars(module))
    return saydo


@pytest.fixture(scope="module")
def spans() -> list[tuple]:
    """Of most keys two equal spans; of the others many, of few days, so that many are equal."""
    rng = random.Random(7)
    found = [(f"k{n:04}", FIRST, FIRST + timedelta(days=9)) for n in range(700)] * 2
    for number in range(300):
        for _ in range(rng.randint(1, 9)):
            begin, end = (FIRST + timedelta(days=rng.randint(0, 12)) for _ in range(2))
            found += [(f"r{number:04}", begin, end)] * (1 + (begin.day % 3 == 0))
    rng.shuffle(found)
    return found


def by_key(spans: list[tuple]) -> dict[str, list[tuple]]:
    found = defaultdict(list)
    for key, begin, end in spans:
        if begin < end:
            found[key].append((begin, end))
    return found


def run(sql: str, spans: list[tuple], threads: int) -> list[tuple]:
    with duckdb.connect(config={"threads": threads, "preserve_insertion_order": False}) as db:
        names = ["key", "valid_from_at", "valid_to_at"]
        db.register(
            "told", pa.Table.from_arrays(list(map(pa.array, zip(*spans, strict=True))), names)
        )
        db.execute("create table spans as from told where valid_from_at < valid_to_at")
        return sorted(db.execute(f"from ({sql})").fetchall())


@pytest.mark.parametrize("threads", [1, 2, 8])
def test_equal_spans_merge_into_one_on_any_number_of_threads(macros, spans, threads):
    expected = [(key, *span) for key, parts in by_key(spans).items() for span in united(parts)]
    for seed in range(3):
        random.Random(seed).shuffle(spans)
        merged = run(macros.merge_spans("spans", ["key"]), spans, threads)
        assert merged == sorted(expected)


@pytest.mark.parametrize("threads", [1, 8])
def test_spans_that_hold_at_one_time_are_counted(macros, spans, threads):
    expected = [(key, most_at_once([[p] for p in parts])) for key, parts in by_key(spans).items()]
    assert run(macros.peak_count("spans", ["key"]), spans, threads) == sorted(expected)
