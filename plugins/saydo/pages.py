"""HTML pages from the Jinja templates beside the code that fills them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined


def render(template: Path, **values: Any) -> str:
    """The page that a template makes of the values.

    Every value is escaped, whatever it holds: a page shows words of deliveries and of rules. Only
    what a template includes, and what a caller marks as `Markup`, is taken as it is. A value that a
    template asks for and nobody gave is an error.

    Args:
        template: its file; it may include and import others of its folder.
        values: by the name that the template knows.
    """
    environment = Environment(
        loader=FileSystemLoader(template.parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template.name).render(values)
