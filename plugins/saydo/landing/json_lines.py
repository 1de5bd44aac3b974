"""Lines of a JSON file that are no object, told from the others and kept as they were written."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, BinaryIO

from saydo.landing.unpacking import open_plain


class _Wrong(ValueError):
    """A line that is JSON, but no record."""


def mend(file: Path, longest: int) -> tuple[Path, Path] | None:
    """Copy a file with a blank line for each that is no object; only a file that needs it.

    Args:
        file: one object a line, in a private folder.
        longest: bytes of the longest object that may be.

    Returns:
        The copy, and the lines left out as JSON: {line, error, raw_text}; None if one is too long,
        or if no line is an object.

    Raises:
        Damaged: the file cannot be unpacked.
    """
    mended, left_out = file.with_name("mended.data"), file.with_name("left_out.data")
    with open_plain(file) as lines, _private(mended) as kept, _private(left_out) as aside:
        number, has_objects = 0, False
        while line := lines.readline(longest + 1):
            number += 1
            if len(line) > longest:
                return None
            text = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            if error := _wrong(text):
                told = text.strip(b"\r\n").decode("utf-8", "replace")
                note = {"line": number, "error": error, "raw_text": told}
                aside.write(json.dumps(note).encode() + b"\n")
            kept.write(b"\n" if error else text)
            has_objects |= not error and bool(text.strip())
    return (mended, left_out) if has_objects else None


def _wrong(line: bytes) -> str | None:
    """What is wrong with one line, without quoting it."""
    if not line.strip():
        return None
    try:
        if not isinstance(json.loads(line.decode("utf-8"), object_pairs_hook=_object), dict):
            return "no JSON object"
    except json.JSONDecodeError as error:
        return f"no JSON ({error.msg}, column {error.colno})"
    except UnicodeDecodeError:
        return "invalid encoding"
    except _Wrong as error:
        return str(error)
    except (ValueError, RecursionError):
        return "no JSON"
    return None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Wrong("an object names a value twice")
    return found


def _private(file: Path) -> BinaryIO:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    return os.fdopen(descriptor, "wb")
