"""One value that an expression cannot take sends its row to quarantine, and no other."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from landing_home import Home, payment

from saydo.errors import ConfigError
from saydo.landing.expressions import expression_over, parse_expression

POINT4 = Decimal("0.4")
TEXTS = ["1", "1.4", "2", "0.4", "0", "-3", "1e3", "007", "9007199254740993", "n/a", "true"]


def number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


@pytest.mark.parametrize(
    ("expression", "right"),
    [
        ("case when kind > 0 then 'y' else 'n' end", lambda n: n > 0),
        ("case when 0 < kind then 'y' else 'n' end", lambda n: n > 0),
        ("case kind when 1 then 'y' when 2 then 'y' else 'n' end", lambda n: n in (1, 2)),
        ("case when kind in (1, 2) then 'y' else 'n' end", lambda n: n in (1, 2)),
        ("case when kind not in (1, 0.4) then 'y' else 'n' end", lambda n: n not in (1, POINT4)),
        ("case when kind between -3 and 0.4 then 'y' else 'n' end", lambda n: -3 <= n <= POINT4),
        ("case when \"kind\" = 9007199254740992 then 'y' else 'n' end", lambda n: n == 2**53),
        ("case when 'é' <> '' and kind is distinct from 1 then 'y' else 'n' end", lambda n: n != 1),
        ("case when nullif(kind, 0) is null then 'y' else 'n' end", lambda n: n == 0),
    ],
)  # fmt: skip
def test_text_is_compared_with_a_number_as_the_number_it_is(
    home: Home, expression: str, right: Any
) -> None:
    home.feed(columns={"product_code": expression, "transaction_type": "'charge'"})
    home.deliver_lines(*(payment(n, kind=text) for n, text in enumerate(TEXTS)))
    home.land()
    wanted = {f"t{n}": number(text) for n, text in enumerate(TEXTS)}
    assert dict(home.rows("transaction_id, product_code")) == {
        name: "y" if right(value) else "n" for name, value in wanted.items() if value is not None
    }
    assert home.quarantined("column_name, reason_code") == [
        ("product_code", "expression_failed") for value in wanted.values() if value is None
    ]


def test_what_is_not_nulled_stays_as_it_is_written(home: Home) -> None:
    home.feed(columns={"product_code": "nullif(kind, 1)", "transaction_type": "'charge'"})
    home.deliver_lines(payment(1, kind="007"), payment(2, kind="1.0"), payment(3, kind="1.4"))
    home.land()
    assert home.rows("product_code") == [("007",), (None,), ("1.4",)]


@pytest.mark.parametrize(
    "text", ["trim(kind) = 1", "lower(kind) in (1, 2)", "nullif(trim(kind), 0)"]
)
def test_a_made_text_is_not_compared_with_a_number(home: Home, text: str) -> None:
    home.feed(columns={"product_code": text})
    home.deliver_lines(payment(1))
    with pytest.raises(ConfigError, match="compares a text with a number"):
        home.land()


PARTS = st.recursive(
    st.sampled_from(["kind", "amount", "'a'", "null", "'1'"]),
    lambda part: st.one_of(
        st.builds("({} || {})".format, part, part),
        st.builds("coalesce({}, {})".format, part, part),
        st.builds("case when {} = {} then {} else {} end".format, part, part, part, part),
        st.builds("case {} when {} then {} end".format, part, part, part),
        st.builds("replace({}, {}, {})".format, part, part, part),
        st.builds("nullif({}, {})".format, part, part),
        st.builds("case when {} is null or {} in ({}) then 'x' end".format, part, part, part),
        st.builds("try_cast({} as double)".format, part),
        st.builds("cast({} as date)".format, part),
        st.builds("case when {} > 1 then {} end".format, st.just("kind"), part),
    ),
    max_leaves=5,
)  # fmt: skip


@given(text=PARTS)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_an_expression_without_a_net_fails_on_no_text(text: str) -> None:
    try:
        over = expression_over(parse_expression(text), {"kind": "VARCHAR", "amount": "VARCHAR"})
    except ConfigError:
        return
    if over.can_fail:
        return
    rows = ", ".join(f"('{a}', '{b}')" for a in (*TEXTS, "") for b in ("x", "", "2024-01-01"))
    with suppress(duckdb.BinderException):  # told before a row is read
        duckdb.execute(f"select {over.sql} from (values {rows}) as file(kind, amount)").fetchall()


def test_expressions_over_text_alone_need_no_net() -> None:
    types = {"kind": "VARCHAR", "flag": "BOOLEAN", "count": "BIGINT"}
    for text in ("kind", "count", "'x'", "case kind when 'P' then 'a' end", "lower(kind) || 'x'"):
        assert not expression_over(parse_expression(text), types).can_fail, text
    for text in ("kind = flag", "count = kind", "cast(kind as date)", "kind > 1", "not kind"):
        assert expression_over(parse_expression(text), types).can_fail, text
