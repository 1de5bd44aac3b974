"""Cells that hold no value although they look as if they did: errors, and formulas never reckoned.

What reads a workbook's values gives nothing for either, as for an empty cell. So the sheet's own
XML is looked through for them, and most sheets have none.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from typing import BinaryIO
from xml.parsers import expat

NO_VALUE = "#FORMULA WITHOUT VALUE!"
ERRORS = (
    "#N/A", "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#GETTING_DATA",
    "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#UNKNOWN!", "#CONNECT!", "#BUSY!", "#PYTHON!",
)  # fmt: skip

# An element of a formula, or a cell of type error, whatever the names of the namespaces.
_MAY_LACK = re.compile(rb"""<(\w+:)?f[\s>/]|\st\s*=\s*["']e["']""")
_CHUNK = 1 << 20
_REFERENCE = re.compile(r"([A-Z]+)([0-9]+)")


def column_number(letters: str) -> int:
    """A column's number, from 0, by its letters."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def column_letters(number: int) -> str:
    """A column's letters by its number, from 0."""
    letters, number = "", number + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def cells_without_value(archive: zipfile.ZipFile, sheet: str) -> dict[tuple[int, int], str]:
    """The text of each error and `NO_VALUE` for each formula without a value, by (row, column).

    Args:
        archive: the workbook.
        sheet: its name.

    Returns:
        Rows and columns count from 0.

    Raises:
        expat.ExpatError: the sheet is no XML.
        KeyError: a part of the workbook is missing.
    """
    part = _part_of(archive, sheet)
    with archive.open(part) as stream:
        if not _may_lack(stream):
            return {}
    found: dict[tuple[int, int], str] = {}
    with archive.open(part) as stream:
        for reference, text in _lacking(stream):
            if match := _REFERENCE.fullmatch(reference):
                found[int(match[2]) - 1, column_number(match[1])] = text
    return found


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str:
    """The file of a sheet within the workbook."""
    links = {
        of.get("Id", ""): of.get("Target", "")
        for of in _attributes(archive.read("xl/_rels/workbook.xml.rels"), "Relationship")
    }
    for of in _attributes(archive.read("xl/workbook.xml"), "sheet"):
        if of.get("name") == sheet:
            # The link is the one attribute with a namespace: `r:id`, as a rule.
            target = next(links[text] for name, text in of.items() if name.endswith(":id"))
            return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
    raise KeyError(sheet)


def _attributes(content: bytes, element: str) -> list[dict[str, str]]:
    """The attributes of each element of that name, whatever its namespace."""
    found: list[dict[str, str]] = []

    def begin(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == element:
            found.append(attributes)

    parser = _parser()
    parser.StartElementHandler = begin
    parser.Parse(content, True)
    return found


def _parser() -> expat.XMLParserType:
    """A parser without entities of the file's own: no workbook needs any."""

    def refuse(*_: object) -> None:
        raise expat.ExpatError("a workbook declares no document type")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    return parser


def _may_lack(stream: BinaryIO) -> bool:
    end = b""
    while chunk := stream.read(_CHUNK):
        if _MAY_LACK.search(end + chunk):
            return True
        end = chunk[-64:]
    return False


class _Cells:
    """What an XML parser says of cells, gathered: reference and text of those without a value."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []
        self._cell, self._is_error, self._is_formula = "", False, False
        self._value: str | None = None
        self._is_in_value = False

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "c":
            self._cell, self._is_error = attributes.get("r", ""), attributes.get("t") == "e"
            self._is_formula, self._value = False, ""
        elif name == "f":
            self._is_formula = True
        elif name in ("v", "is"):
            self._is_in_value = True

    def text(self, text: str) -> None:
        if self._is_in_value and self._value is not None:
            self._value += text

    def end(self, name: str) -> None:
        name = name.rpartition(":")[2]
        if name in ("v", "is"):
            self._is_in_value = False
        elif name == "c":
            if self._is_error:
                self.found.append((self._cell, self._value or ERRORS[0]))
            elif self._is_formula and not self._value:
                self.found.append((self._cell, NO_VALUE))
            self._value = None


def _lacking(stream: BinaryIO) -> Iterator[tuple[str, str]]:
    cells = _Cells()
    parser = _parser()
    parser.StartElementHandler = cells.begin
    parser.EndElementHandler = cells.end
    parser.CharacterDataHandler = cells.text
    while chunk := stream.read(_CHUNK):
        parser.Parse(chunk)
        yield from cells.found
        cells.found.clear()
    parser.Parse(b"", True)
    yield from cells.found
