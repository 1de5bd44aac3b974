"""What sends a row to quarantine, as SQL conditions over its delivered and typed values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from saydo.contract import SQL_TYPES, Column
from saydo.landing.cells import ERRORS, NO_VALUE
from saydo.landing.expressions import Expression
from saydo.landing.pseudonyms import unreadable_sql
from saydo.landing.typing_sql import lost_sql
from saydo.settings import Settings
from saydo.sql import literal, quoted

_READABLE = {
    "text": "text",
    "instant": "a time (YYYY-MM-DD hh:mm:ss)",
    "date": "a date (YYYY-MM-DD)",
    "boolean": "true or false",
    "integer": "a whole number",
    "money": "an amount with a decimal point",
    "number": "a number with a decimal point",
}


@dataclass(frozen=True)
class Check:
    """One thing that sends a row to quarantine."""

    column: str
    code: str
    reason: str
    condition: str
    at_element: bool = False  # it is about what one column or list element of the row says
    cell: str | None = None  # in a workbook, the column that it is about: `Sheet1!B`


def type_checks(
    column: Column, expression: Expression, held: str, value: str, found: str, text: str
) -> list[Check]:
    """Whether a column could be read as its type, is there if required, and is an allowed value.

    Args:
        column: the canonical column.
        expression: the feed's, to know whether a value can make it fail.
        held: SQL of the value inside its net, null where the expression failed.
        value: SQL of the delivered value.
        found: the engine type of `value`.
        text: SQL of a text column as it reads before it is held to its allowed values.
    """
    typed = quoted("typed " + column.name)
    checks = []
    if expression.can_fail:
        checks.append(
            Check(
                column.name,
                "expression_failed",
                "the feed's expression fails on it",
                f"{held} is null",
            )
        )
    if column.type != "text" and found.lower() != SQL_TYPES[column.type]:
        checks.append(
            Check(
                column.name,
                "cannot_be_typed",
                f"cannot be read as {_READABLE[column.type]}",
                f"{typed} is null and {value} is not null"
                + (f" and trim({value}) <> ''" if found == "VARCHAR" else ""),
            )
        )
    if column.type == "money" and (lost := lost_sql(value, found, typed)):
        amount = f"cast({expression.text} as double)" if found == "VARCHAR" else expression.text
        reason = f"has more than six decimals; round it: round({amount}, 2)"
        checks.append(Check(column.name, "too_many_decimals", reason, lost))
    if column.is_required:
        blank = ""
        if column.type == "text":
            # What is empty or all blanks comes before '!': few values are trimmed to find out.
            blank = f" or ({text} < '!' and trim({text}) = '')"
        missing = text if column.type == "text" else typed
        checks.append(
            Check(
                column.name,
                "missing_required",
                "is required and empty",
                f"{missing} is null{blank}",
            )
        )
    if column.allowed:
        checks.append(
            Check(
                column.name,
                "not_allowed",
                f"is not one of {', '.join(column.allowed)}",
                f"{typed} is null and {text} is not null",
            )
        )
    return checks


def error_checks(column: Column, value: str, found: str) -> list[Check]:
    """Whether a value of a workbook is an error, or a formula's that was never reckoned.

    Args:
        column: the canonical column.
        value: SQL of the value.
        found: the engine type of `value`.
    """
    if found != "VARCHAR":
        return []
    errors = ", ".join(literal(error) for error in ERRORS)
    first = f"{value} < '$' and {value}"  # few texts begin with '#' or less
    return [
        Check(
            column.name,
            "formula_without_value",
            "is a formula that holds no value; open the workbook in a spreadsheet and save it",
            f"{first} = {literal(NO_VALUE)}",
        ),
        Check(
            column.name,
            "spreadsheet_error",
            "is an error of the workbook; correct it there, or map it to null, as in "
            "nullif(…, '#N/A')",
            f"{first} in ({errors})",
        ),
    ]


def value_checks(settings: Settings, columns: Sequence[Column]) -> list[Check]:
    """What the codes and identifiers of a row must be beyond text: known, and readable.

    Args:
        settings: identifier types.
        columns: the canonical columns that the feed maps.
    """
    types = settings.feeds.all_identifier_types
    typed = {column.name: quoted("typed " + column.name) for column in columns}
    checks = []
    for column in columns:
        if column.typed_by or column.name == "account_id":
            value = typed[column.name]
            damaged = f"regexp_full_match({value}, '[0-9]([.,][0-9]+)?E[+][0-9]+')"
            checks.append(
                Check(
                    column.name,
                    "spreadsheet_number",
                    "was damaged by a spreadsheet (digits lost)",
                    f"{value} < ':' and contains({value}, 'E+') and {damaged}",
                )
            )
    pairs = [(c.typed_by, c.name) for c in columns if c.typed_by in typed]
    for type_name, _ in pairs:
        checks.append(
            Check(
                type_name,
                "unknown_id_type",
                "is not among identifier_types",
                f"{typed[type_name]} is null",
            )
        )
    for type_name, name in pairs:
        for reason, condition in unreadable_sql(typed[type_name], typed[name], types).items():
            checks.append(Check(name, "unreadable_identifier", reason, condition))
    if "currency" in typed:
        shape = f"not {typed['currency']} glob '[A-Z][A-Z][A-Z]'"
        checks.append(
            Check("currency", "not_a_currency", "is not an ISO 4217 code like EUR", shape)
        )
    return checks
