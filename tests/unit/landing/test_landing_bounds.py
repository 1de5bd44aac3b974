"""What the contract says of each column, held against plain Python over random rows."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from landing_home import NOW, Home

from saydo.landing import Batch

Row = dict[str, str]
CLOCK = NOW.replace(tzinfo=None)
TIMES = [
    "1900-01-01",
    "1970-01-01",
    "1989-12-30 23:59:59",
    "1990-01-01",
    "2024-01-01",
    "2024-06-30 12:00:00",
    "2024-06-30 12:00:01",
    "2025-01-01",
    "2074-06-30",
    "2074-07-01",
    "9999-12-31",
]
WHO = {"id_type": "'imsi'", "id_value": "who"}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def off(text: str, is_planned: bool = False) -> str | None:
    """The reason code of a time that the contract does not allow."""
    if not text:
        return None
    if at(text) < datetime(1989, 12, 31):
        return "too_early"
    if is_planned:
        return "too_far_ahead" if at(text) > CLOCK + timedelta(days=18_262.5) else None
    return "in_the_future" if at(text) > CLOCK else None


def order(begin: str, end: str) -> str | None:
    return "ends_before_it_begins" if begin and end and at(end) < at(begin) else None


def beyond(value: str, least: float, most: float = 1e9) -> str | None:
    return "out_of_range" if value and not least <= float(value) <= most else None


def fault_of_subscription(row: Row) -> str | None:
    return (
        (beyond(row["price"], 0) if row["kind"] != "add_on" else None)
        or beyond(row["every"], 1)
        or off(row["began"], is_planned=True)
        or off(row["ended"], is_planned=True)
        or off(row["until"], is_planned=True)
        or off(row["changed"])
        or order(row["began"], row["ended"])
        or order(row["began"], row["until"])
    )


def fault_of_account(row: Row) -> str | None:
    return (
        off(row["opened"])
        or off(row["closed"], is_planned=True)
        or beyond(row["born"], 1900, CLOCK.year)
        or order(row["opened"], row["closed"])
    )


def fault_of_answer(row: Row) -> str | None:
    if off(row["said"]):
        return off(row["said"])
    if row["weight"] and float(row["weight"]) <= 0:
        return "out_of_range"
    low, high = float(row["low"] or 0), float(row["high"] or 10)
    if row["score"] and not min(low, high) <= float(row["score"]) <= max(low, high):
        return "outside_scale"
    return "empty_scale" if low == high else None


def fault_of_usage(row: Row) -> str | None:
    return off(row["day"]) or beyond(row["mb"], 0)


CASES: dict[str, tuple[dict[str, str], dict[str, list[str]], Callable[[Row], str | None]]] = {
    "subscriptions": (
        {
            "subscription_id": "id",
            **WHO,
            "product_code": "'p'",
            "product_type": "kind",
            "recurring_amount": "price",
            "currency": "'EUR'",
            "billing_interval": "'month'",
            "interval_count": "every",
            "started_at": "began",
            "ended_at": "ended",
            "contract_ends_at": "until",
            "updated_at": "changed",
        },
        {
            "kind": ["plan", "plan", "add_on", "device"],
            "price": ["10", "0", "0.000001", "-0.000001", "-5"],
            "every": ["", "1", "1", "12", "0", "-1"],
            "began": TIMES,
            "ended": ["", "", *TIMES],
            "until": ["", "", *TIMES],
            "changed": ["", *TIMES[4:8]],
        },
        fault_of_subscription,
    ),
    "accounts": (
        {
            "account_id": "id",
            "opened_at": "opened",
            "closed_at": "closed",
            "birth_year": "born",
            "birth_date": "birthday",
        },
        {
            "opened": ["", *TIMES],
            "closed": ["", *TIMES],
            "born": ["", "1899", "1900", "1980", "2024", "2025", "0"],
            "birthday": ["", "1911-02-03"],
        },
        fault_of_account,
    ),
    "survey_responses": (
        {
            "response_id": "id",
            **WHO,
            "survey_code": "'s'",
            "responded_at": "said",
            "question_code": "'overall'",
            "score": "score",
            "scale_min": "low",
            "scale_max": "high",
            "design_weight": "weight",
        },
        {
            "said": ["2024-01-01", "2024-01-01", "1970-01-01", "2024-07-01"],
            "score": ["", "0", "1", "5", "7", "10", "10.000001", "87", "99", "-99", "999", "-1"],
            "low": ["", "", "0", "1", "5"],
            "high": ["", "", "5", "10", "100", "0"],
            "weight": ["", "", "1.5", "0", "-1"],
        },
        fault_of_answer,
    ),
    "network_usage_daily": (
        {**WHO, "usage_date": "day", "traffic_mb": "mb", "delay_days": "late"},
        {
            "day": ["1970-01-01", "1990-01-01", "2024-06-30", "2024-07-01"],
            "mb": ["", "0", "3.5", "-0.000001", "-3"],
            "late": ["", "-7", "7"],
        },
        fault_of_usage,
    ),
}


@pytest.mark.parametrize("source", CASES)
def test_what_the_contract_does_not_allow_is_quarantined_and_nothing_else(
    home: Home, reconciles: Callable[[Batch], bool], source: str
) -> None:
    columns, values, fault = CASES[source]
    home.config["measures"] = [{"name": "delay_days", "aggregate": "max", "is_signed": True}]
    base: dict[str, Any] = {"name": "feed", "source": source, "path": "f.csv", "format": "csv"}
    home.feed({**base, "columns": columns, "expect": {"max_reject_ratio": 1}})
    chance = random.Random(7)
    rows = [
        {"id": f"i{number}", "who": f"w{number}"}
        | {name: chance.choice(options) for name, options in values.items()}
        for number in range(600)
    ]
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    home.deliver("\n".join(lines), "f.csv")
    home.land()
    expected = [(line, fault(row)) for line, row in enumerate(rows, 2)]
    found = dict(home.quarantined("line_number, reason_code"))
    found |= dict.fromkeys((line for (line,) in home.rows("_line_number", source)), None)
    assert sorted(found.items()) == expected
    assert {code for _, code in expected} > {None}, "every kind of row is there"
    assert reconciles(home.ledger()[0])


def test_the_reason_says_what_to_do_in_the_words_of_the_feed(home: Home) -> None:
    columns, _, _ = CASES["subscriptions"]
    base: dict[str, Any] = {"name": "feed", "source": "subscriptions", "path": "f", "format": "csv"}
    home.feed({**base, "columns": columns, "expect": {"max_reject_ratio": 1}})
    rows = (
        "1,w,plan,-5,,2024-01-01,,,",
        "2,w,plan,5,0,2024-01-01,,,",
        "3,w,plan,5,,2024-01-01,9999-12-31,,",
        "4,w,plan,5,,2024-01-01,2023-01-01,,",
        "5,w,plan,5,,1970-01-01,,,",
    )
    home.deliver("\n".join(("id,who,kind,price,every,began,ended,until,changed", *rows)), "f")
    home.land()
    assert [reason for (reason,) in home.quarantined("reason")] == [
        "recurring_amount is negative; a discount is an add_on; else abs(price)",
        "interval_count is less than 1; map what stands for no value to null, as in "
        "nullif(every, '0')",
        "ended_at lies more than 50 years ahead; map what stands for no end to null, as in "
        "nullif(ended, '9999-12-31')",
        "ended_at lies before started_at; correct the dates, or map what is no end to null",
        "started_at lies before 1990-01-01; a true one that is older is "
        "greatest(began, '1990-01-01')",
    ]


def test_a_refund_given_as_a_negative_amount_refuses_with_what_to_do(home: Home) -> None:
    columns = {
        "transaction_id": "id",
        **WHO,
        "occurred_at": "'2024-01-01'",
        "transaction_type": "'refund'",
        "amount": "amount",
        "currency": "'EUR'",
    }
    base: dict[str, Any] = {"name": "feed", "source": "transactions", "path": "f", "format": "csv"}
    home.feed({**base, "columns": columns})
    home.deliver("id,who,amount\n1,w,-4.00\n", "f")
    with pytest.raises(Exception, match=r"a refund of ten is 10: abs\(amount\) \(1 rows\)"):
        home.land()
    home.feed({**base, "columns": columns | {"amount": "abs(amount)"}})
    assert home.land()["loaded_count"] == 1
    assert home.rows("amount") == [(Decimal("4.00"),)]
