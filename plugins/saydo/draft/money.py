"""Transactions: one sum a row, or several columns of sums set apart."""

from __future__ import annotations

from dataclasses import replace

from saydo.draft.choosing import amounts, recurring
from saydo.draft.column import Column
from saydo.draft.feeds import Context, DraftFeed, add_key, as_text, only_filled, whose_guesses
from saydo.draft.guesses import (
    Guess,
    amount_guess,
    currency_guess,
    is_negative,
    look,
    missing,
    untold,
    value_guess,
    when,
)
from saydo.draft.synonyms import HUNDREDTHS, MONTHLY, VALUES
from saydo.draft.table import Table
from saydo.draft.words import slug_of
from saydo.sql import literal

_GIVEN_BACK = {"refund", "refunds", "refunded", "credit", "credits", "discount", "discounts"}
_NEAR_SUM = 0.02  # of a currency's unit
_NAME, _VALUE = "amount_name", "delivered_amount"  # what unpivoted columns become


def draft_transactions(
    feed: DraftFeed, has: dict[str, Column], whose: Column | None, context: Context
) -> None:
    """Fill a feed of transactions.

    Args:
        feed: to be filled.
        has: canonical column to the file's.
        whose: the column that says whose a row is.
        context: currency and days of the other files.
    """
    table = feed.table
    besides = {whose.name} if whose is not None else set()
    price = recurring(table, besides)
    charged = amounts(table, besides)
    if price is not None and set(price.words) & MONTHLY:
        charged = [column for column in charged if column is not price]
    total = _total_of(charged)
    if total is not None:
        charged.remove(total)
        feed.remarks.append(f"Left out: {total.name} is the sum of the others.")
    if len(charged) > 1 and not table.can_unpivot(charged):
        others = ", ".join(column.name for column in charged[1:])
        feed.remarks.append(f"Other sums need feeds of their own: {others}.")
        charged = charged[:1]
    sums = [*charged, total]
    has = {name: column for name, column in has.items() if column not in sums}
    add_key(feed, "transaction_id", has, whose)
    feed.columns |= whose_guesses(table, context)
    at = has.get("occurred_at")
    feed.columns["occurred_at"] = when(at, context.last_day, "it happened")
    product = has.get("product_code")
    if product is not None:
        feed.columns["product_code"] = Guess(product.sql)
    if not charged:
        feed.columns["amount"] = missing("no column is an amount")
    elif len(charged) == 1:
        count = _quantity(table, charged[0])
        feed.columns["amount"] = (
            amount_guess(charged[0]) if count is None else _times(count, charged[0])
        )
        signed = charged[0] if count is None or is_negative(charged[0]) else count
        named = has.get("transaction_type")
        feed.columns["transaction_type"] = _type(table, named, charged[0], signed)
    else:
        _several(feed, charged, product)
    if charged:
        feed.columns["currency"] = currency_guess(
            table, has.get("currency"), charged[0], context.currency
        )
    lacking = charged if len(charged) == 1 else []
    if where := only_filled(whose, *lacking):
        feed.settings["where"] = where


def _quantity(table: Table, price: Column) -> Column | None:
    """The column that says of how many a price of one is, if it is such a price."""
    if "price" not in price.words or {"total", "line"} & set(price.words):
        return None
    counts = (c for c in table.columns if c.is_number and {"quantity", "count"} & set(c.words))
    return next((c for c in counts if c.distinct - {"1"}), None)


def _times(count: Column, price: Column) -> Guess:
    sql = " * ".join(f"cast({c.number_sql} as decimal(18,6))" for c in (count, price))
    is_signed = is_negative(count) or is_negative(price)
    doubt = f"{price.name} is read as the price of one; else it is {price.name} alone"
    return look(f"abs({sql})" if is_signed else sql, doubt)


def _several(feed: DraftFeed, charged: list[Column], product: Column | None) -> None:
    """One row for each column of sums."""
    names = [column.name for column in charged]
    feed.settings["unpivot"] = {"columns": names, "name": _NAME, "value": _VALUE}
    feed.remarks.append("Each unpivoted column is a sum of its own: take out what is in another.")
    key = feed.columns["transaction_id"]
    feed.columns["transaction_id"] = Guess(f"{key.sql} || ':' || {_NAME}", key.doubt, key.mark)
    hundredths = [set(column.words) & HUNDREDTHS for column in charged]
    signed = any(is_negative(column) for column in charged)
    value = f"abs(cast({_VALUE} as decimal(18,6)))" if signed else _VALUE
    if any(column.kind == "money" for column in charged):
        value = charged[0].number_sql.replace(charged[0].raw_sql, _VALUE)
    if all(hundredths):
        value = f"try_cast({_VALUE} as bigint) * 0.01"
    zeros = sum("0" in {v.rstrip("0").rstrip(".") or "0" for v in c.shown} for c in charged)
    if zeros:
        feed.settings["where"] = look(f"{_VALUE} <> 0", "sums of nothing are left out, and counted")
    feed.columns["amount"] = Guess(value)
    back = [column for column in charged if set(column.words) & _GIVEN_BACK]
    plain = _constant(feed.table, charged[0])
    if back:
        kinds = {
            name: "refund" if {"refund", "refunds", "refunded"} & set(column.words) else "credit"
            for column in back
            for name in [column.name]
        }
        arms = " ".join(f"when {literal(n)} then {literal(k)}" for n, k in kinds.items())
        sql = f"case {_NAME} {arms} else {plain.sql} end"
        feed.columns["transaction_type"] = look(sql, "by the columns' names")
    else:
        feed.columns["transaction_type"] = plain
    codes = {column.name: slug_of(column.name) for column in charged}
    first = as_text(product) if product is not None else None
    arms = " ".join(
        f"when {literal(name)} then {first if first and place == 0 else literal(code)}"
        for place, (name, code) in enumerate(codes.items())
    )
    feed.columns["product_code"] = look(f"case {_NAME} {arms} end", "by the columns' names")


def _type(table: Table, column: Column | None, amount: Column, signed: Column) -> Guess:
    """What each row is, by a column of it, or by the sign of `signed`."""
    plain = _constant(table, amount)
    if told := value_guess(column, "transaction_type", plain):
        return told
    plain = replace(plain, doubt=plain.doubt + untold(column))
    if is_negative(signed):
        number = f"cast({signed.number_sql} as decimal(18,6))"
        sql = f"case when {number} < 0 then 'refund' else {plain.sql} end"
        return Guess(sql, "what is negative is read as a refund; or credit", "guess")
    return plain


def _constant(table: Table, amount: Column) -> Guess:
    """What all rows are, by the words of the file and of the amount."""
    kinds = VALUES["transaction_type"]
    for words in (table.file_words, set(amount.words)):
        for kind in ("payment", "refund", "credit", "charge", "one_off"):
            if words & set(kinds[kind]):
                others = ", ".join(other for other in kinds if other != kind)
                return look(literal(kind), f"by the names of file and column; or {others}")
    return Guess("'charge'", "no column says; or payment, refund, credit, one_off", "guess")


def _total_of(charged: list[Column]) -> Column | None:
    """The column that is in each row the sum of all others, what is given back taken off."""
    if len(charged) < 3 or any(len(c.numbers) != len(c.values) for c in charged):
        return None
    for total in charged:
        others = [column for column in charged if column is not total]
        signs = [-1 if set(column.words) & _GIVEN_BACK else 1 for column in others]
        sums = (
            sum(sign * value for sign, value in zip(signs, row, strict=True))
            for row in zip(*(column.numbers for column in others), strict=True)
        )
        pairs = zip(sums, total.numbers, strict=True)
        if all(abs(made - told) < _NEAR_SUM for made, told in pairs):
            return total
    return None
