"""The rules that deliveries of many sources share, each a plain expectation with its reason.

Each looks at all new batches of a source at once and gives one row per batch that fails, so no
value of a row is ever shown. `deliveries` is the gate's own table about the new batches, see
`saydo.gate.deliveries`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from saydo.sql import quoted

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

# One identifier with many times the rows of the file's others, and over the policy's share of it. A
# file about one customer, or a few, is no flood: it takes others for one to be odd among them.
_LEAST_ROWS_FOR_FLOOD = 1000
_LEAST_OTHERS_FOR_FLOOD = 20
_TIMES_THE_OTHERS = 10

_SENTINEL_NUMBERS = "-99, -999, -9999, -99999, 99999, 999999, 9999999, 99999999"
_SENTINEL_DATES = "date '1899-12-30', date '1900-01-01', date '1901-01-01', date '1970-01-01'"
_FIRST_SENTINEL_YEAR = 2200


def filled(*columns: str) -> list[Expectation]:
    """Required columns hold no null; landing has quarantined such rows."""
    import great_expectations.expectations as gxe

    return [
        gxe.ExpectColumnValuesToNotBeNull(
            column=column,
            severity="critical",
            notes=f"A row without {column} can be joined to nothing. Landing quarantines such "
            "rows: one here means that the feed's mapping got past it. The feed's owner acts.",
        )
        for column in columns
    ]


def one_of(column: str, values: Sequence[str]) -> Expectation:
    """A code column holds only the values of the contract; null where the contract allows it."""
    import great_expectations.expectations as gxe

    return gxe.ExpectColumnValuesToBeInSet(
        column=column,
        value_set=list(values),
        severity="critical",
        notes=f"{column} holds a value that is not in the contract, and every rule over it would "
        "miss those rows. The feed's owner maps it to a value of the contract.",
    )


def not_in_the_future(column: str, severity: str = "critical") -> Expectation:
    """No event lies after the business day on which its file was landed."""
    import great_expectations.expectations as gxe

    limit = "landed_date" if column.endswith("_date") else "landed_day_ends_at"
    operator = ">" if column.endswith("_date") else ">="
    return gxe.UnexpectedRowsExpectation(
        description=f"no {column} in the future",
        unexpected_rows_query=f"""
            with landed as (select _batch_id, {column} from {{batch}})
            select _batch_id, count(*) as future_row_count
            from landed inner join deliveries using (_batch_id)
            where landed.{column} {operator} deliveries.{limit}
            group by _batch_id
        """,
        severity=severity,
        notes="An event cannot be later than the day its file was landed: the clock, the time zone "
        "or the date format of the feed is wrong. The feed's owner corrects `timezone` or the "
        "expression.",
    )


def no_sentinel_flood(
    policy: Policy, dates: Sequence[str] = (), numbers: Sequence[str] = ()
) -> Expectation:
    """No column is flooded by a placeholder such as 9999-12-31 or -99."""
    import great_expectations.expectations as gxe

    conditions = {
        column: f"year({quoted(column)}) >= {_FIRST_SENTINEL_YEAR} "
        f"or cast({quoted(column)} as date) in ({_SENTINEL_DATES})"
        for column in dates
    } | {column: f"{quoted(column)} in ({_SENTINEL_NUMBERS})" for column in numbers}
    counts = ", ".join(
        f"count(*) filter (where {condition}) as {column}_sentinel_count"
        for column, condition in conditions.items()
    )
    # Hardly a row has one: only those are counted, column by column.
    has_any = " or ".join(conditions.values())
    worst = ", ".join(f"{column}_sentinel_count" for column in conditions)
    return gxe.UnexpectedRowsExpectation(
        description=f"no flood of placeholders in {', '.join(conditions)}",
        unexpected_rows_query=f"""
            with counted as (
                select _batch_id, {counts}
                from {{batch}}
                where {has_any}
                group by _batch_id
            )
            select counted._batch_id, deliveries.row_count, counted.* exclude (_batch_id)
            from counted inner join deliveries using (_batch_id)
            where greatest({worst}) > {policy.gate.max_sentinel_ratio} * deliveries.row_count
        """,
        severity="critical",
        notes="A placeholder (end of time, -99) stands where there is no value, and would be "
        "counted as one. The feed's owner maps it to null, for example `nullif(score, -99)`.",
    )


def no_negative_sums(feeds: Feeds) -> Expectation:
    """A sum counts something, unless it is said to be signed."""
    import great_expectations.expectations as gxe

    summed = [m.name for m in feeds.all_measures if m.aggregate == "sum" and not m.is_signed]
    negative = " or ".join(f"{quoted(measure)} < 0" for measure in summed)
    return gxe.UnexpectedRowsExpectation(
        description="no summed measure is negative",
        unexpected_rows_query=f"""
            select _batch_id, count(*) as negative_row_count
            from {{batch}}
            where {negative}
            group by _batch_id
        """,
        severity="warning",
        notes="A negative amount of use lowers the sums it is part of. The owner of the "
        "network data maps placeholders to null and corrects the sign.",
    )


def no_identifier_flood(policy: Policy, prefix: str = "") -> Expectation:
    """No single identifier owns more of a file about many than a person can.

    `prefix` is of the columns that name the person: `to_` for the other end of a relation.
    """
    import great_expectations.expectations as gxe

    return gxe.UnexpectedRowsExpectation(
        description=f"no single {prefix}identifier floods a file",
        unexpected_rows_query=f"""
            with counted as (
                select
                    _batch_id,
                    {prefix}id_type,
                    {prefix}id_key,
                    count(*) as identifier_row_count,
                    count(*) over (partition by _batch_id) - 1 as other_identifier_count
                from {{batch}}
                group by _batch_id, {prefix}id_type, {prefix}id_key
            )
            select counted.*, deliveries.row_count
            from counted inner join deliveries using (_batch_id)
            where
                deliveries.row_count >= {_LEAST_ROWS_FOR_FLOOD}
                and other_identifier_count >= {_LEAST_OTHERS_FOR_FLOOD}
                and identifier_row_count > {policy.gate.max_sentinel_ratio} * deliveries.row_count
                and identifier_row_count * other_identifier_count
                    > {_TIMES_THE_OTHERS} * (deliveries.row_count - identifier_row_count)
        """,
        severity="critical",
        notes="One identifier has more rows than a person can have: a placeholder (unknown, 0000) "
        "stands where it is missing. The feed's owner maps it to null, so that its rows are "
        "quarantined.",
    )


def currency_given() -> Expectation:
    """Every amount has a currency, as ISO 4217 writes it."""
    import great_expectations.expectations as gxe

    return gxe.UnexpectedRowsExpectation(
        description="currency is an ISO 4217 code",
        unexpected_rows_query="""
            select _batch_id, count(*) as bad_currency_count
            from {batch}
            where currency is null or not regexp_full_match(currency, '[A-Z]{{3}}')
            group by _batch_id
        """,
        severity="critical",
        notes="Money without a currency cannot be added up. The feed's owner maps `currency` to "
        "three capital letters, or to a constant where there is one currency only.",
    )
