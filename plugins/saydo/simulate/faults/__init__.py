"""Faults to put into an otherwise clean delivery, each by a code or its number in the catalogue."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from saydo.errors import ConfigError
from saydo.simulate.faults import files, rows
from saydo.simulate.faults.rows import Change, multiply, put, rewrite
from saydo.simulate.faults.tables import file_of
from saydo.simulate.parameters import stream


@dataclass(frozen=True)
class Fault:
    """One fault: its code, its number in the catalogue, the source it harms, and how."""

    code: str
    number: int
    source: str
    what: str
    change: Change


_LEDGER, _USAGE, _ANSWERS = "transactions", "network_usage_daily", "survey_responses"
_POINTS, _PEOPLE, _CONTRACTS = "account_identifiers", "accounts", "subscriptions"
_STRANGER = "AC_NOBODY_HAS"
_IS_OVERALL, _IS_CHARGE = ("question", "Q_OSAT"), ("kind", "INV")
_IS_NUMBER = ("point_type", "TEL")

FAULTS: dict[str, Fault] = {
    fault.code: fault
    for fault in (
        Fault("column-dropped", 1, _LEDGER, "the amount is not delivered", files.drop_column),
        Fault("column-renamed", 2, _LEDGER, "the amount has a new name", files.rename_column),
        Fault("column-added", 3, _LEDGER, "a column nobody announced", files.add_column),
        Fault("type-flipped", 4, _USAGE, "a number delivered as words", files.flip_type),
        Fault("header-repeated", 6, _LEDGER, "the header again in the middle", files.repeat_header),
        Fault("gzip-truncated", 7, _ANSWERS, "a gzip file cut off", files.truncate),
        Fault("parquet-truncated", 7, _USAGE, "a Parquet file cut off", files.truncate),
        Fault("header-only", 9, _LEDGER, "a header and no rows", files.keep_header_only),
        Fault("zero-bytes", 10, _LEDGER, "an empty file", files.empty),
        Fault("delivered-twice", 11, _LEDGER, "the same file, touched", files.deliver_again),
        Fault("renamed-copy", 12, _LEDGER, "old content, new name", files.deliver_renamed),
        Fault("corrected", 13, _LEDGER, "the same name, corrected content", rows.correct),
        Fault("wrong-delimiter", 15, _LEDGER, "commas for semicolons", files.change_delimiter),
        Fault("encoding", 16, _PEOPLE, "Latin-1 where UTF-8 is expected", files.encode_latin),
        Fault("byte-order-mark", 16, _PEOPLE, "a BOM in front", files.add_byte_order_mark),
        Fault(
            "embedded-newline",
            17,
            _PEOPLE,
            "line breaks within addresses",
            rewrite("address_line", " ", "\n", 0.005),
        ),
        Fault("decimal-comma", 18, _LEDGER, "amounts as 1234,00", rewrite("pence", "$", ",00")),
        Fault(
            "spreadsheet-numbers",
            19,
            _POINTS,
            "phone numbers as 4.47E+11",
            put("point_value", 0.01, "4.47E+11", only=_IS_NUMBER),
        ),
        Fault("duplicate-rows", 20, _LEDGER, "rows twice in one file", rows.duplicate),
        Fault("conflicting-rows", 21, _LEDGER, "one key, two amounts", rows.contradict),
        Fault("null-keys", 22, _LEDGER, "a few keys missing", put("entry_no", 0.004, None)),
        Fault("null-key-flood", 22, _LEDGER, "many keys missing", put("entry_no", 0.2, None)),
        Fault("null-flood", 23, _PEOPLE, "most opening dates missing", put("opened", 0.6, None)),
        Fault(
            "sentinel-flood",
            24,
            _ANSWERS,
            "answers of −99",
            put("value", 0.4, -99.0, only=_IS_OVERALL),
        ),
        Fault(
            "sentinel-dates",
            24,
            _CONTRACTS,
            "contracts that end on 9999-12-31",
            put("minimum_term_end", 0.6, datetime(9999, 12, 31)),
        ),
        Fault(
            "orphan-facts",
            25,
            _LEDGER,
            "entries of accounts nobody knows",
            put("account_no", 0.02, _STRANGER),
        ),
        Fault(
            "orphan-flood",
            25,
            _USAGE,
            "a third of usage of unknown SIM cards",
            rewrite("subscriber_imsi", "^23415", "99915", 0.34),
        ),
        Fault(
            "overlapping-owners",
            28,
            _POINTS,
            "SIM cards two persons hold at once",
            rows.share_cards,
        ),
        Fault(
            "future-events",
            36,
            _LEDGER,
            "entries booked in 2093",
            put("booked", 0.002, "2093-05-01 10:00:00"),
        ),
        Fault(
            "day-month-swapped",
            40,
            _LEDGER,
            "dates as day/month/year",
            rewrite("booked", r"^(\d+)-(\d+)-(\d+)", r"\3/\2/\1"),
        ),
        Fault("missing-day", 41, _USAGE, "a day without rows", rows.leave_out_day),
        Fault("currency-missing", 44, _LEDGER, "a few without currency", put("ccy", 0.004, None)),
        Fault("currency-flood", 44, _LEDGER, "many without currency", put("ccy", 0.3, None)),
        Fault("amounts-hundredfold", 45, _LEDGER, "pence times 100", multiply("pence", 100)),
        Fault("volume-kibi", 46, _USAGE, "traffic times 1024", multiply("volume_kb", 1024)),
        Fault(
            "sign-flipped",
            47,
            _LEDGER,
            "charges below zero",
            multiply("pence", -1, only=_IS_CHARGE),
        ),
        Fault(
            "scale-changed",
            50,
            _ANSWERS,
            "the overall question answered on 0–100",
            multiply("value", 10, only=_IS_OVERALL),
        ),
        Fault(
            "new-category",
            51,
            "interactions",
            "a channel never seen",
            put("channel", 0.05, "HOLOGRAM"),
        ),
        Fault("volume-halved", 54, _USAGE, "two fifths of the rows", rows.keep(0.4)),
        Fault("volume-collapsed", 54, _USAGE, "a tenth of the rows", rows.keep(0.1)),
    )
}


def find_faults(codes: Sequence[str]) -> list[Fault]:
    """The faults of these codes or catalogue numbers; a number stands for all faults it has.

    Raises:
        ConfigError: a code is unknown; the nearest one is named.
    """
    found: dict[str, Fault] = {}
    for code in codes:
        matching = [f for f in FAULTS.values() if code in (f.code, str(f.number))]
        if not matching:
            near = difflib.get_close_matches(code, FAULTS, 1, cutoff=0.4)
            hint = f"did you mean {near[0]!r}?" if near else "valid: " + ", ".join(FAULTS)
            raise ConfigError(f"unknown fault {code!r}; {hint}")
        found |= {fault.code: fault for fault in matching}
    return list(found.values())


def inject_faults(folder: Path, codes: Sequence[str], seed: int = 0) -> list[dict[str, str | int]]:
    """Put faults into the newest file each of them concerns, below a landing folder.

    Returns:
        One {code, number, source, file, what} per fault.

    Raises:
        ConfigError: an unknown code, or no file to harm.
    """
    done: list[dict[str, str | int]] = []
    for fault in find_faults(codes):
        path = file_of(folder, fault.source)
        fault.change(path, fault.source, stream(seed, f"fault {fault.code}"))
        done.append(
            {
                "code": fault.code,
                "number": fault.number,
                "source": fault.source,
                "file": str(path.relative_to(folder)),
                "what": fault.what,
            }
        )
    return done
