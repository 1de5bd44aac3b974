"""Random deliveries with random faults, landed and read row by row in plain Python: the same."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from landing_home import HEADER, NOW, Home

from saydo.landing import Batch

KEY = "a key of this test, and of no other"
Row = dict[str, str]

TIMES: dict[str, datetime | None] = {
    "2024-03-01 10:00:00": datetime(2024, 3, 1, 10),
    "2024-03-01T10:00:07": datetime(2024, 3, 1, 10, 0, 7),
    "2024-02-29 23:30:00-01:00": datetime(2024, 3, 1, 0, 30),
    "2024-04-01 10:00:1Z": datetime(2024, 4, 1, 10, 0, 1),
    "2024-04-01 10:00:00.25": datetime(2024, 4, 1, 10, 0, 0, 250_000),
    "2024-05-01": datetime(2024, 5, 1),
    "2030-01-01 00:00:00": datetime(2030, 1, 1),
    "2024-13-01 10:00:00": None,
    "2024-03-01 10:00:+2": None,
    "": None,
}
AMOUNTS: dict[str, Decimal | None] = {
    "1": Decimal("1.00"),
    " 7 ": Decimal("7.00"),
    "2.505": Decimal("2.505"),
    "0.00250": Decimal("0.0025"),
    "-3.5": Decimal("-3.50"),
    "4.4E+2": None,
    "1;5": None,
    "x": None,
    "": None,
}
ROWS = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["t1", "t2", "t3", "t4", "t5", "", " "]),
        "mail": st.sampled_from(["a@x.org", "A@x.org ", "b@x.org", "4.4E+11", "nobody", ""]),
        "paid": st.sampled_from(list(TIMES)),
        "kind": st.sampled_from(["charge", "payment", "refund", "gift", "", "  "]),
        "amount": st.sampled_from(list(AMOUNTS)),
        "currency": st.sampled_from(["GBP", "EUR", "gbp", "EURO", ""]),
    }
)
GOOD = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["t1", "t2", "t3", "t4", "t5"]),
        "mail": st.sampled_from(["a@x.org", "A@x.org ", "b@x.org"]),
        "paid": st.sampled_from(list(TIMES)[:6]),
        "kind": st.sampled_from(["charge", "payment"]),
        "amount": st.sampled_from(list(AMOUNTS)[:4]),
        "currency": st.sampled_from(["GBP", "EUR"]),
    }
)


def fault(row: Row) -> str | None:
    """The reason code of the first thing wrong with a row, in the order of the columns."""
    paid, amount = TIMES[row["paid"]], AMOUNTS[row["amount"]]
    if not row["id"].strip() or not row["mail"].strip():
        return "missing_required"
    if paid is None:
        return "cannot_be_typed" if row["paid"] else "missing_required"
    if not row["kind"].strip():
        return "missing_required"
    if row["kind"] not in ("charge", "payment", "refund"):
        return "not_allowed"
    if amount is None:
        return "cannot_be_typed" if row["amount"] else "missing_required"
    if not row["currency"]:
        return "missing_required"
    if "E+" in row["mail"]:
        return "spreadsheet_number"
    if "@" not in row["mail"]:
        return "unreadable_identifier"
    if row["currency"] not in ("GBP", "EUR"):
        return "not_a_currency"
    if paid > NOW.replace(tzinfo=None):
        return "in_the_future"
    return "out_of_range" if amount < 0 else None


def typed(row: Row, line: int) -> tuple[Any, ...]:
    mail = row["mail"].strip().lower()
    key = hmac.new(KEY.encode(), mail.encode(), hashlib.sha256).hexdigest()
    paid, amount = TIMES[row["paid"]], AMOUNTS[row["amount"]]
    return (row["id"], "email", key, paid, row["kind"], amount, row["currency"], line)


@pytest.mark.parametrize("copies", [1, 60])
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    rows=st.one_of(st.lists(GOOD, max_size=12), st.lists(st.one_of(GOOD, GOOD, ROWS), max_size=12)),
    keep_refunds=st.booleans(),
)
def test_a_landing_equals_one_row_by_row(
    home: Home,
    reconciles: Callable[[Batch], bool],
    copies: int,
    rows: list[Row],
    keep_refunds: bool,
) -> None:
    """`copies` of every row, under other ids, make keys repeat enough to be packed."""
    number = len(home.ledger())
    home.environment = {"pseudonym_key": KEY}
    home.policy = {"landing": {"max_key_conflict_ratio": 1}}
    home.feed(
        name=f"payments{number}",  # its own mapping: what was landed before stays as it is
        path=f"payments_{number:03d}.csv",
        where=None if keep_refunds else "kind <> 'refund'",
        expect={"min_rows": 0, "max_reject_ratio": 1},
    )
    delivered = [
        row | {"id": row["id"] + (f"-{copy}" if copy and row["id"].strip() else "")}
        for copy in range(copies)
        for row in rows
    ]
    # The first row tells the deliveries of one home apart, so that none is known already.
    first = {
        "id": f"first-{number}",
        "mail": "a@x.org",
        "paid": "2024-05-01",
        "kind": "charge",
        "amount": "1",
        "currency": "GBP",
    }
    delivered.insert(0, first)
    home.deliver_lines(
        *(",".join(row[name] for name in HEADER.split(",")) for row in delivered),
        name=f"payments_{number:03d}.csv",
    )

    expected: dict[str, tuple[Any, ...]] = {}
    faults: list[tuple[int, str]] = []
    filtered = repeats = 0
    for line, row in enumerate(delivered, 2):
        if not keep_refunds and row["kind"] in ("refund", ""):
            filtered += 1
        elif code := fault(row):
            faults.append((line, code))
        else:
            repeats += row["id"] in expected
            expected[row["id"]] = typed(row, line)

    home.land()
    batch = home.ledger()[-1]
    assert reconciles(batch)
    assert (batch.delivered_count, batch.filtered_count, batch.duplicate_count) == (
        len(delivered),
        filtered,
        repeats,
    )
    assert batch.reason_counts == Counter(code for _, code in faults)
    mine = f"_batch_id = '{batch.batch_id}'"
    names = (
        "transaction_id, id_type, id_key, occurred_at, transaction_type, amount, currency, "
        "_line_number"
    )
    landed = [row for row in home.rows(f"{names}, month, {mine}") if row[-1]]
    assert sorted(row[:-2] for row in landed) == sorted(expected.values())
    assert all(f"{row[3]:%Y-%m}" == row[-2] for row in landed)
    quarantined = home.quarantined(f"line_number, reason_code, {mine}")
    assert [row[:2] for row in quarantined if row[2]] == faults
