"""Faults of single rows: the row is quarantined with its place and reason, the others go on."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from typing import Any

import pytest
from landing_home import HEADER, Home, payment

from saydo.landing import Batch, quarantine_summary

RESPONSES: dict[str, Any] = {
    "name": "answers",
    "source": "survey_responses",
    "path": "answers*",
    "format": "csv",
    "columns": {
        "response_id": "id",
        "survey_code": "'s'",
        "id_type": "kind",
        "id_value": "who",
        "responded_at": "said",
        "question_code": "'overall'",
        "score": "score",
        "scale_min": "low",
        "scale_max": "high",
    },
    "expect": {"max_reject_ratio": 1},
}


@pytest.mark.parametrize(
    ("bad", "column", "code", "reason"),
    [
        (payment(2, amount="4,5x"), None, "unreadable_line", "cannot be read"),
        (payment(2, amount="x"), "amount", "cannot_be_typed", "cannot be read as an amount"),
        (payment(2, amount="4.47E+11"), "amount", "cannot_be_typed", "cannot be read as an amount"),
        (payment(2, amount="-0.01"), "amount", "out_of_range", "is negative; transaction_type"),
        (
            payment(2, amount="0.0000025"),
            "amount",
            "too_many_decimals",
            "round(cast(amount as double), 2)",
        ),
        (payment(2, paid="1970-01-01"), "occurred_at", "too_early", "lies before 1990-01-01"),
        (payment(2, amount="nan"), "amount", "cannot_be_typed", "cannot be read as an amount"),
        (payment(2, amount=""), "amount", "missing_required", "required and empty"),
        (payment(2, id=""), "transaction_id", "missing_required", "required and empty"),
        (payment(2, id="  "), "transaction_id", "missing_required", "required and empty"),
        (payment(2, mail=""), "id_value", "missing_required", "required and empty"),
        (payment(2, mail="nobody"), "id_value", "unreadable_identifier", "not an e-mail address"),
        (
            payment(2, paid="01/02/2024"),
            "occurred_at",
            "cannot_be_typed",
            "cannot be read as a time",
        ),
        (
            payment(2, paid="2024-02-30"),
            "occurred_at",
            "cannot_be_typed",
            "cannot be read as a time",
        ),
        (payment(2, paid="2024-06-30 12:00:01"), "occurred_at", "in_the_future", "in the future"),
        (payment(2, paid="infinity"), "occurred_at", "cannot_be_typed", "cannot be read as a time"),
        (payment(2, kind="gift"), "transaction_type", "not_allowed", "is not one of charge"),
        (payment(2, currency=""), "currency", "missing_required", "required and empty"),
        (payment(2, currency="gbp"), "currency", "not_a_currency", "ISO 4217"),
        (payment(2, currency="POUNDS"), "currency", "not_a_currency", "ISO 4217"),
        (HEADER, None, "repeated_header", "the header line is repeated"),
        (payment(2) + ",extra", None, "unreadable_line", "too many columns"),
        ("t2,p@x", "currency", "unreadable_line", "missing columns"),
        (payment(2, kind='"ch"arge'), "kind", "unreadable_line", "unquoted value"),
    ],
)
def test_a_bad_row_is_quarantined_with_its_place(
    home: Home,
    reconciles: Callable[[Batch], bool],
    bad: str,
    column: str | None,
    code: str,
    reason: str,
) -> None:
    home.deliver_lines(payment(1), bad, payment(3))
    home.land()
    (row,) = home.quarantined("file_name, line_number, column_name, reason_code, reason")
    assert row[:2] == ("payments.csv", 3)
    assert row[3] == code and reason in row[4]
    if code != "unreadable_line":
        assert row[2] == column
    assert home.rows("transaction_id, _line_number") == [("t1", 2), ("t3", 4)]
    (batch,) = home.ledger()
    assert reconciles(batch)
    assert (batch.delivered_count, batch.quarantined_count) == (3, 1)
    assert batch.reason_counts == {code: 1}


def test_bytes_that_are_not_utf_8_are_quarantined(home: Home) -> None:
    lines = [HEADER, payment(1), payment(2, mail="jos\udce9@x.org"), payment(3)]
    home.deliver("\n".join(lines).encode("utf-8", "surrogateescape"))
    home.land()
    assert home.quarantined("line_number, reason_code") == [(3, "unreadable_line")]
    assert [row for (row,) in home.rows("transaction_id")] == ["t1", "t3"]


def test_the_feed_can_name_another_encoding(home: Home) -> None:
    home.feed(options={"encoding": "latin-1"}, columns={"product_code": "mail"})
    home.deliver("\n".join([HEADER, payment(1, mail="josé@x.org")]).encode("latin-1"))
    home.land()
    assert home.rows("product_code") == [("josé@x.org",)]


def test_a_byte_order_mark_is_not_part_of_the_first_name(home: Home) -> None:
    home.deliver(b"\xef\xbb\xbf" + f"{HEADER}\r\n{payment(1)}\r\n".encode())
    assert home.land()["loaded_count"] == 1


def test_line_breaks_inside_quotes_belong_to_the_value(home: Home) -> None:
    home.feed(columns={"product_code": "kind", "transaction_type": "'charge'"})
    home.deliver_lines(payment(1, kind='"two\nlines"'), payment(2, amount="x"))
    home.land()
    assert home.rows("product_code") == [("two\nlines",)]
    assert home.quarantined("line_number") == [(4,)]


def test_blank_lines_are_no_rows_but_count_as_lines(home: Home) -> None:
    home.deliver_lines(payment(1), "", payment(2, amount="x"), "")
    home.land()
    assert home.ledger()[0].delivered_count == 2
    assert home.quarantined("line_number") == [(4,)]


def test_a_quote_left_open_hides_no_rows(home: Home) -> None:
    home.deliver_lines(payment(1), payment(2, kind='"charge'), payment(3), payment(4))
    home.land()
    (batch,) = home.ledger()
    assert batch.delivered_count == 4
    assert batch.loaded_count + batch.quarantined_count == 4
    assert home.quarantined("line_number")[0] == (3,)


def test_a_header_that_the_filter_would_drop_is_still_quarantined(home: Home) -> None:
    home.feed(where="kind <> 'kind'")
    home.deliver_lines(payment(1), HEADER)
    assert home.land()["quarantined_count"] == 1


def test_filtered_rows_are_counted_whatever_else_is_wrong_with_them(home: Home) -> None:
    home.feed(where="kind = 'charge'")
    home.deliver_lines(payment(1), payment(2, kind="refund", amount="x"), payment(3, kind=""))
    summary = home.land()
    assert (summary["loaded_count"], summary["filtered_count"]) == (1, 2)


def test_an_expression_that_fails_on_a_value_quarantines_its_row(home: Home) -> None:
    home.feed(columns={"amount": "cast(amount as double) * 2", "product_code": "kind[1:2]"})
    home.deliver_lines(payment(1), payment(2, amount="x"), payment(3, amount=""))
    home.land()
    assert home.rows("amount::varchar, product_code") == [("3.000000", "ch")]
    assert home.quarantined("line_number, reason_code") == [
        (3, "expression_failed"),
        (4, "missing_required"),
    ]


def test_a_filter_that_fails_on_a_value_quarantines_its_row(home: Home) -> None:
    home.feed(where="cast(amount as double) > 2")
    home.deliver_lines(payment(1), payment(2), payment(3, amount="x"))
    home.land()
    assert home.quarantined("line_number, reason_code") == [(4, "filter_failed")]
    assert home.ledger()[0].filtered_count == 1


def test_scores_and_identifiers_are_held_to_their_own_rules(home: Home) -> None:
    home.feed(RESPONSES)
    lines = [
        "id,kind,who,said,score,low,high",
        "r1,email,a@b.c,2024-01-01,5,1,5",
        "r2,email,a@b.c,2024-01-01,6,1,5",
        "r3,email,a@b.c,2024-01-01,-99,0,10",
        "r4,email,a@b.c,2024-01-01,3,5,1",
        "r5,email,a@b.c,2024-01-01,,,",
        "r6,email,a@b.c,2024-01-01,7,,",
        "r7,email,a@b.c,2024-01-01,5,5,5",
        "r8,fax,123,2024-01-01,5,1,5",
        "r9,msisdn,4.47E+11,2024-01-01,5,1,5",
        "r10,msisdn,unknown,2024-01-01,5,1,5",
        "r11,msisdn,+44 7700 900123,2024-01-01,5,1,5",
    ]
    home.deliver("\n".join(lines), "answers.csv")
    home.land()
    assert [row for (row,) in home.rows("response_id", "survey_responses")] == [
        "r1",
        "r4",
        "r5",
        "r6",
        "r11",
    ]
    assert home.quarantined("line_number, reason_code, column_name") == [
        (3, "outside_scale", "score"),
        (4, "outside_scale", "score"),
        (8, "empty_scale", "scale_max"),
        (9, "unknown_id_type", "id_type"),
        (10, "spreadsheet_number", "id_value"),
        (11, "unreadable_identifier", "id_value"),
    ]


def test_a_number_damaged_by_a_spreadsheet_is_quarantined_in_a_file_of_good_rows(
    home: Home,
) -> None:
    home.feed(RESPONSES)
    rows = ("r1,email,a@b.c,2024-01-01,5,1,500", "r2,email,a@b.c,2024-01-01,4.4E+1,1,500")
    home.deliver("\n".join(("id,kind,who,said,score,low,high", *rows)), "answers.csv")
    home.land()
    assert home.quarantined("line_number, reason_code, column_name") == [
        (3, "cannot_be_typed", "score")
    ]


def test_a_future_day_is_measured_in_the_business_zone(home: Home) -> None:
    usage = {
        "name": "usage",
        "source": "network_usage_daily",
        "path": "usage*",
        "format": "csv",
        "columns": {"id_type": "'imsi'", "id_value": "imsi", "usage_date": "day"},
        "expect": {"max_reject_ratio": 1},
    }
    home.config["business"] = {"timezone": "Pacific/Kiritimati"}  # 14 hours ahead: already July
    home.feed(usage)
    home.deliver("imsi,day\n1,2024-07-01\n1,2024-07-02\n", "usage.csv")
    home.land()
    assert home.quarantined("line_number, reason_code") == [(3, "in_the_future")]


def test_the_raw_row_is_kept_whole_for_its_owner_only(home: Home) -> None:
    home.deliver_lines(payment(1, amount="x"), payment(2))
    home.land()
    (row,) = home.quarantined("raw_text")
    assert json.loads(row[0]) == dict(
        zip(HEADER.split(","), payment(1, amount="x").split(","), strict=True)
    )
    (file,) = (home.folder / "quarantine").glob("*/*.parquet")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((home.folder / "quarantine").stat().st_mode) == 0o700


def test_a_malformed_json_line_is_quarantined(home: Home) -> None:
    home.feed(format="json")
    names = HEADER.split(",")
    good = [json.dumps(dict(zip(names, payment(n).split(","), strict=True))) for n in (1, 2)]
    home.deliver(f"{good[0]}\n{{broken\n{good[1]}\n", "payments.json")
    home.land()
    assert home.quarantined("line_number") == [(2,)]
    assert home.rows("transaction_id, _line_number") == [("t1", 1), ("t2", 3)]


def test_the_log_and_the_summary_hold_no_value(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    home.deliver_lines(payment(1, mail="secret.person"), payment(2, amount="secretamount"))
    home.land()
    summary = quarantine_summary(home.settings)
    assert "secret" not in caplog.text
    assert "secret" not in repr(summary)
    assert {(r.reason_code, r.column, r.count, tuple(r.examples)) for r in summary} == {
        ("unreadable_identifier", "id_value", 1, ("payments.csv:2",)),
        ("cannot_be_typed", "amount", 1, ("payments.csv:3",)),
    }
