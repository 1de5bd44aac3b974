"""Names and texts as SQL, for what the engine takes no bound parameter for."""

from __future__ import annotations


def quoted(*names: str) -> str:
    """A name, dotted if there are several, whatever characters a delivered header holds."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def literal(value: object) -> str:
    """A text literal; the engine casts it to the type that it is compared with."""
    return "'" + str(value).replace("'", "''") + "'"
