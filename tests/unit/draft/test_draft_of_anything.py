"""Whatever names and values meet in whatever files, the draft is a feeds.yml that can be read."""

from __future__ import annotations

import json
import random
from itertools import chain

import pytest
from drafts import draft_of

from saydo.config import load_feeds
from saydo.draft import to_yaml
from saydo.draft.synonyms import ACCOUNT, COLUMNS, IDENTIFIERS, MEASURES
from saydo.landing.expressions import parse_expression

ODD = ["weird: #name", "a'b", 'q"x', "ü ö", "select", "x.y", "[z]", "*", "Q1", "How was it today?"]
NAMES = [
    *ODD,
    *ACCOUNT,
    *chain.from_iterable(IDENTIFIERS.values()),
    *chain.from_iterable(MEASURES.values()),
    *chain.from_iterable(chain.from_iterable(table.values()) for table in COLUMNS.values()),
]
VALUES = [
    lambda i, rng: str(i),
    lambda i, rng: f"A{i % 7}",
    lambda i, rng: f"2025-01-{i % 28 + 1:02}",
    lambda i, rng: f"{i % 12 + 1}/{i % 28 + 1}/2025",
    lambda i, rng: str(1738317600 + i),
    lambda i, rng: f"{i}:00:30",
    lambda i, rng: rng.choice(["yes", "no"]),
    lambda i, rng: f"{i}.{i % 100:02}",
    lambda i, rng: f"-{i}.5",
    lambda i, rng: f"€{i},50",
    lambda i, rng: f"p{i}@example.org",
    lambda i, rng: f"+4477009001{i:02}",
    lambda i, rng: rng.choice(["", "x", "-99"]),
    lambda i, rng: rng.choice(["GBP", "EUR"]),
    lambda i, rng: rng.choice(["EMAIL", "SMS"]),
    lambda i, rng: str(rng.randint(0, 10)),
    lambda i, rng: "",
]
STEMS = ["accounts", "ledger", "survey", "usage", "calls", "x_2025-01-01", "x_2", "[1]"]


def file_of(rng: random.Random) -> tuple[str, str]:
    """A made-up file: a table, objects, or objects with a list in each."""
    kinds = {
        rng.choice(NAMES).replace(" ", rng.choice([" ", "_", ""])): rng.choice(VALUES)
        for _ in range(rng.randint(1, 9))
    }
    rows = [
        {name: kind(i, rng) for name, kind in kinds.items()} for i in range(rng.choice([1, 3, 30]))
    ]
    shape = rng.choice(["csv", "jsonl", "nested.jsonl"])
    if shape == "csv":
        lines = [list(kinds), *(list(row.values()) for row in rows)]
        text = "".join(
            ",".join('"' + cell.replace('"', '""') + '"' for cell in line) + "\n" for line in lines
        )
    else:
        if shape == "nested.jsonl":
            rows = [{"id": str(i), "o": row, "items": [row] * 2} for i, row in enumerate(rows)]
        text = "".join(json.dumps(row) + "\n" for row in rows)
    return f"{rng.choice(STEMS)}.{shape}", text


@pytest.mark.parametrize("seed", range(8))
def test_any_files_give_a_feeds_yml_whose_expressions_parse(tmp_path, seed):
    rng = random.Random(seed)
    for number in range(8):
        folder = tmp_path / str(number)
        folder.mkdir()
        files = dict(file_of(rng) for _ in range(rng.randint(1, 4)))
        draft = draft_of(folder, files)
        text = to_yaml(draft)
        assert text == to_yaml(draft_of(folder, dict(reversed(files.items()))))
        (folder / "feeds.yml").write_text(text)
        for feed in load_feeds(folder / "feeds.yml").feeds:
            for expression in feed.columns.values():
                parse_expression(expression)
