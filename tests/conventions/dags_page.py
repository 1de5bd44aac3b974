"""The page docs/dags.md, made from the docstrings of the DAG files.

`python tests/conventions/dags_page.py` writes it; a test fails while page and docstrings differ.
"""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "dags.md"
HEAD = """# What the DAGs promise

<!-- Made from the docstrings in dags/, which are what to edit:
python tests/conventions/dags_page.py -->
"""


def render(dags: Path = ROOT / "dags") -> str:
    """The whole page: one section per DAG file, in the order of their names."""
    sections = [HEAD]
    for file in sorted(dags.glob("*.py")):
        manual = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
        if not manual:
            raise ValueError(f"{file.name} has no docstring: it is the DAG's manual")
        sections.append(f"## `{file.stem}`\n\n{manual}\n")
    return "\n".join(sections)


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
