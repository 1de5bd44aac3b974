"""What several columns mean alike is said once, in a `docs` block that their YAML refers to."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from project_tree import files, shown

BASELINE = yaml.safe_load((Path(__file__).parent / "shared_descriptions_baseline.yml").read_text())
FEWEST_WORDS = 6
MOST_FILES = 2

_BLOCK = re.compile(r"\{% docs (\w+) %\}\n(.*?)\n\{% enddocs %\}", re.S)
_REFERENCE = re.compile(r"""\bdoc\(\s*['"](\w+)['"]\s*\)""")


def descriptions(content: Any) -> Iterator[str]:
    """Every description in a YAML's content, its blanks made one."""
    if isinstance(content, dict):
        if isinstance(content.get("description"), str):
            yield " ".join(content["description"].split())
        content = list(content.values())
    if isinstance(content, list):
        for part in content:
            yield from descriptions(part)


def block_faults(pages: list[str], yamls: dict[str, str]) -> list[str]:
    """References without a block, blocks that fewer than two refer to, texts of several lines."""
    blocks = [block for page in pages for block in _BLOCK.findall(page)]
    used = [name for text in yamls.values() for name in _REFERENCE.findall(text)]
    named = [name for name, _ in blocks]
    return [
        *(f"{name}: no such block" for name in sorted(set(used) - set(named))),
        *(f"{name}: said twice" for name in sorted(set(named)) if named.count(name) > 1),
        *(f"{name}: fewer than two refer to it" for name in named if used.count(name) < 2),
        *(f"{name}: of several lines" for name, text in blocks if "\n" in text),
    ]


def copied(yamls: dict[str, str]) -> dict[str, int]:
    """Descriptions of some words that stand in more files than they may, with in how many."""
    found = defaultdict(set)
    for name, text in yamls.items():
        for description in descriptions(yaml.safe_load(text)):
            if len(description.split()) >= FEWEST_WORDS and not _REFERENCE.search(description):
                found[description].add(name)
    return {text: len(names) for text, names in found.items() if len(names) > MOST_FILES}


def dbt_yamls() -> dict[str, str]:
    return {shown(f): f.read_text() for f in files(".yml", under="dbt_project")}


def test_each_reference_has_its_block_and_each_block_two_references():
    pages = [f.read_text() for f in files(".md", under="dbt_project")]
    assert pages and block_faults(pages, dbt_yamls()) == []


def test_no_description_is_copied_where_a_block_could_say_it_once():
    assert copied(dbt_yamls()) == BASELINE["descriptions"]


def test_the_baseline_may_only_shrink():
    assert len(BASELINE["descriptions"]) <= BASELINE["most"]


def test_the_checker_sees_a_lost_block_a_lonely_one_and_a_copy():
    page = (
        "{% docs lonely %}\nOne line.\n{% enddocs %}\n{% docs long %}\nOne.\nTwo.\n{% enddocs %}\n"
    )
    column = "- {name: a, description: \"{{ doc('%s') }}\"}\n"
    yamls = {"one": column % "lonely" + column % "lost" + column % "long" + column % "long"}
    assert block_faults([page], yamls) == [
        "lost: no such block",
        "lonely: fewer than two refer to it",
        "long: of several lines",
    ]
    long, short = "of as many words as count", "of two"
    text = f"a: {{description: {long}}}\nb: [{{description: {short}}}, {{description: {long}}}]\n"
    assert copied(dict.fromkeys("ab", text)) == {}
    assert copied(dict.fromkeys("abc", text)) == {long: 3}
