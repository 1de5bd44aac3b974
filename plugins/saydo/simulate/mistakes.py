"""Mistakes in what a customer system knows of a person's second and third accounts.

Off unless asked for (`saydo simulate --mistakes 0.15`), so that the usual delivery stays as it is.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from string import ascii_letters

import numpy as np
import pyarrow as pa

from saydo.simulate.identifiers import KINDS as CONTACT_KINDS
from saydo.simulate.identifiers import Spans
from saydo.simulate.parameters import stream
from saydo.simulate.people import CITIES, FAMILY_NAMES, STREETS, People

KINDS = ("given_name", "birth_date", "surname", "address")
MISTYPED = ("email", "msisdn")  # with the same probability, and told as these
_SHORT = {
    "Olivia": "Liv", "Amelia": "Millie", "Florence": "Flo", "Grace": "Gracie", "Emily": "Em",
    "Evelyn": "Evie", "Charlotte": "Lottie", "Alice": "Ali", "Oliver": "Ollie", "Arthur": "Art",
    "Henry": "Harry", "Jacob": "Jake", "Thomas": "Tom", "Joshua": "Josh", "William": "Bill",
    "Edward": "Ted", "Albert": "Bert", "Isaac": "Ike", "Daniel": "Dan", "Samuel": "Sam",
    "Gareth": "Gaz", "Fiona": "Fi",
}  # fmt: skip


def make_mistakes(
    table: pa.Table, people: People, share: float, seed: int
) -> tuple[pa.Table, dict[str, list[str]]]:
    """Spoil further accounts: each of KINDS with the probability `share`, in all their versions.

    Args:
        table: the rows of `make_accounts`.
        people: whose accounts they are.
        share: 0 leaves everything as it is.
        seed: the same arguments spoil alike.

    Returns:
        the rows, and the kinds of mistakes by account_no.
    """
    rng = stream(seed, "mistakes")
    further = people.account_codes.slice(people.count).to_pylist()
    hits = rng.random((len(further), len(KINDS))) < share
    made = {
        account: [kind for kind, hit in zip(KINDS, row, strict=True) if hit]
        for account, row in zip(further, hits.tolist(), strict=True)
        if any(row)
    }
    columns = {name: table[name].to_pylist() for name in table.column_names}
    rows: dict[str, list[int]] = {account: [] for account in made}
    for row, account in enumerate(columns["account_no"]):
        if account in rows:
            rows[account].append(row)
    for account, kinds in made.items():
        changes: dict[str, dict[object, object]] = {}  # column to (old value to new one)
        for row in rows[account]:
            for kind in kinds:
                _spoil(kind, columns, row, rng, changes)
    spoilt = pa.table(
        {name: pa.array(values, table.schema.field(name).type) for name, values in columns.items()}
    )
    return spoilt, made


def _spoil(
    kind: str,
    columns: dict[str, list[object]],
    row: int,
    rng: np.random.Generator,
    changes: dict[str, dict[object, object]],
) -> None:
    """One row. The versions of an account repeat a mistake: `changes` keeps what became of what."""

    def change(name: str, new: object) -> None:
        old = columns[name][row]
        columns[name][row] = (
            None if old is None else changes.setdefault(name, {}).setdefault(old, new)
        )

    if kind == "given_name":
        name = columns["first_name"][row]
        change("first_name", _other_name(str(name), rng) if name else None)
    elif kind == "birth_date":
        born = columns["date_of_birth"][row]
        if isinstance(born, date):
            change("date_of_birth", _other_date(born, rng))
            columns["year_of_birth"][row] = columns["date_of_birth"][row].year  # type: ignore[attr-defined]
    elif kind == "surname":
        change("last_name", FAMILY_NAMES[rng.integers(len(FAMILY_NAMES))])
    else:
        street = STREETS[rng.integers(len(STREETS))]
        change("address_line", f"{rng.integers(200, 400)} {street}")
        change("post_code", f"ZZ{rng.integers(1, 100)} {rng.integers(900_000, 1_000_000)}")
        change("town", CITIES[rng.integers(len(CITIES))])


def _other_name(name: str, rng: np.random.Generator) -> str:
    """A short form where there is one, half of the time; else a typing error."""
    if name in _SHORT and rng.random() < 0.5:
        return _SHORT[name]
    place = int(rng.integers(1, len(name)))
    letter = "aeinorst"[rng.integers(8)]
    kind = rng.integers(4)
    if kind == 0:
        return name[:place] + letter + name[place + 1 :]
    if kind == 1:
        return name[:place] + name[place + 1 :]
    if kind == 2:
        return name[:place] + letter + name[place:]
    return name[: place - 1] + name[place] + name[place - 1] + name[place + 1 :]


def _other_date(born: date, rng: np.random.Generator) -> date:
    """Day and month exchanged, or the last two digits of the year; else ten days off."""
    kind = rng.integers(3)
    if kind == 0 and born.day <= 12 and born.day != born.month:
        return date(born.year, born.day, born.month)
    tens, ones = divmod(born.year % 100, 10)
    turned = born.year // 100 * 100 + ones * 10 + tens
    if kind == 1 and tens != ones and turned < 2010 and (born.month, born.day) != (2, 29):
        return date(turned, born.month, born.day)
    return born + timedelta(days=10 if born.day <= 18 else -10)


def mistype_contacts(
    spans: Spans, people: People, share: float, seed: int
) -> tuple[Spans, dict[str, list[str]]]:
    """A letter of the e-mail, or two digits of the number, wrong in further accounts.

    Args:
        spans: what accounts hold.
        people: whose accounts they are.
        share: probability of each of MISTYPED.
        seed: the same arguments mistype alike.

    Returns:
        the spans, and the kinds of mistakes by account_no. No number becomes another's.
    """
    rng = stream(seed, "mistyped contacts")
    hits = rng.random((people.account_count, len(MISTYPED))) < share
    hits[: people.count] = False
    codes, values = people.account_codes, spans.value.to_pylist()
    numbers = CONTACT_KINDS.index("msisdn")
    taken = {
        _digits(value) for value, kind in zip(values, spans.kind, strict=True) if kind == numbers
    }
    made: dict[str, list[str]] = {}
    for row, (account, kind) in enumerate(zip(spans.account, spans.kind, strict=True)):
        name = CONTACT_KINDS[kind]
        if name not in MISTYPED or not hits[account, MISTYPED.index(name)]:
            continue
        wrong = _other_email(values[row], rng) if name == "email" else _other(values[row], taken)
        if wrong != values[row]:
            values[row] = wrong
            kinds = made.setdefault(codes[int(account)].as_py(), [])
            kinds += [] if name in kinds else [name]
    return replace(spans, value=pa.array(values, spans.value.type)), made


def _other_email(email: str, rng: np.random.Generator) -> str:
    """A letter left out, doubled, or exchanged with the next; what follows the letters stays."""
    letters = len(email) - len(email.lstrip("." + ascii_letters))
    place = int(rng.integers(1, letters - 1))
    kind = rng.integers(3)
    if kind == 0:
        return email[:place] + email[place + 1 :]
    if kind == 1:
        return email[:place] + email[place] + email[place:]
    return email[:place] + email[place + 1] + email[place] + email[place + 2 :]


def _other(number: str, taken: set[str]) -> str:
    """Two digits exchanged, from the end on, so that it is nobody's; as it was where none is."""
    for place in range(len(number) - 2, len(number) - 8, -1):
        swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        if number[place : place + 2].isdigit() and _digits(swapped) not in taken:
            return swapped
    return number


def _digits(number: str) -> str:
    return "".join(letter for letter in number if letter.isdigit())[-10:]
