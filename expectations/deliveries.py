"""The rules that deliveries of many sources share, each a plain expectation with its reason.

Each looks at all new batches of a source at once and gives one row per batch that fails, so no
value of a row is ever shown. `deliveries`, `delivery_columns` and `delivery_categories` are the
gate's own tables about the new batches, see `saydo.gate.deliveries`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Policy

# A week of files is the least that shows what a usual day is; below a few rows chance rules.
_LEAST_EARLIER_BATCHES = 7
_LEAST_ROWS_PER_DAY = 20
# No price list and no network changes by this factor overnight; pounds for pence (100) and
# kilobytes for megabytes (1024) do.
_UNIT_FACTOR = 30
_LEAST_ROWS_TO_COMPARE = 100
# One identifier with this many rows in one file and over the policy's share of it.
_LEAST_ROWS_FOR_FLOOD = 1000

# A code as common as this one would have been missed by chance once in 20,000 times.
_LEAST_MISSED_ROWS = 10

_SENTINEL_NUMBERS = "-99, -999, -9999, -99999, 99999, 999999, 9999999, 99999999"
_SENTINEL_DATES = "date '1899-12-30', date '1900-01-01', date '1901-01-01', date '1970-01-01'"
_FIRST_SENTINEL_YEAR = 2200


def not_empty() -> Expectation:
    """The table has rows: a check of nothing is no check."""
    import great_expectations.expectations as gxe

    return gxe.ExpectTableRowCountToBeBetween(
        min_value=1,
        severity="critical",
        notes="No row reached the gate, so nothing would be checked. Whoever runs Saydo looks at "
        "`saydo quarantine` and at the feed's `where`.",
    )


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
        column: f'year("{column}") >= {_FIRST_SENTINEL_YEAR} '
        f'or cast("{column}" as date) in ({_SENTINEL_DATES})'
        for column in dates
    } | {column: f'"{column}" in ({_SENTINEL_NUMBERS})' for column in numbers}
    counts = ", ".join(
        f"count(*) filter (where {condition}) as {column}_sentinel_count"
        for column, condition in conditions.items()
    )
    worst = ", ".join(f"{column}_sentinel_count" for column in conditions)
    return gxe.UnexpectedRowsExpectation(
        description=f"no flood of placeholders in {', '.join(conditions)}",
        unexpected_rows_query=f"""
            with counted as (
                select _batch_id, count(*) as row_count, {counts}
                from {{batch}}
                group by _batch_id
            )
            select * from counted
            where greatest({worst}) > {policy.gate.max_sentinel_ratio} * row_count
        """,
        severity="critical",
        notes="A placeholder (end of time, -99) stands where there is no value, and would be "
        "counted as one. The feed's owner maps it to null, for example `nullif(score, -99)`.",
    )


def no_identifier_flood(policy: Policy) -> Expectation:
    """No single identifier owns more of a file than a person can."""
    import great_expectations.expectations as gxe

    return gxe.UnexpectedRowsExpectation(
        description="no single identifier floods a file",
        unexpected_rows_query=f"""
            with counted as (
                select _batch_id, id_type, id_key, count(*) as identifier_row_count
                from {{batch}}
                group by _batch_id, id_type, id_key
            )
            select counted.*, deliveries.row_count
            from counted inner join deliveries using (_batch_id)
            where
                deliveries.row_count >= {_LEAST_ROWS_FOR_FLOOD}
                and identifier_row_count > {policy.gate.max_sentinel_ratio} * deliveries.row_count
        """,
        severity="critical",
        notes="One identifier has more rows than a person can have: a placeholder (unknown, 0000) "
        "stands where it is missing. The feed's owner maps it to null, so that its rows are "
        "quarantined.",
    )


def usual_volume(policy: Policy) -> list[Expectation]:
    """Rows a day stay near the feed's own median; first a warning, further out a refusal.

    What the feed has had before is usual, however far from its median: a monthly billing day.
    """
    import great_expectations.expectations as gxe

    def within(ratio: float, severity: str) -> Expectation:
        return gxe.UnexpectedRowsExpectation(
            description=f"rows a day within {ratio:.0%} of the feed's usual",
            unexpected_rows_query=f"""
                select _batch_id, rows_per_day, usual_rows_per_day, earlier_batch_count
                from deliveries
                where
                    _batch_id in (select _batch_id from {{batch}})
                    and earlier_batch_count >= {_LEAST_EARLIER_BATCHES}
                    and usual_rows_per_day >= {_LEAST_ROWS_PER_DAY}
                    and (
                        rows_per_day < least(least_rows_per_day, {1 - ratio} * usual_rows_per_day)
                        or rows_per_day
                        > greatest(most_rows_per_day, {1 + ratio} * usual_rows_per_day)
                    )
            """,
            severity=severity,
            notes="The file holds far fewer or far more rows a day than this feed usually does: it "
            "may be cut short, or hold something twice. The feed's owner confirms it; a real "
            "change is let in by the policy's volume ratios.",
        )

    return [
        within(policy.gate.warn_volume_change_ratio, "warning"),
        within(policy.gate.max_volume_change_ratio, "critical"),
    ]


def usual_units(*columns: str) -> Expectation:
    """No numeric column changes its unit: x100 (pence) or x1024 (kilobytes) against before."""
    import great_expectations.expectations as gxe

    return gxe.UnexpectedRowsExpectation(
        description=f"{', '.join(columns)} in the usual unit",
        unexpected_rows_query=f"""
            select _batch_id, column_name, magnitude, usual_magnitude
            from delivery_columns
            where
                _batch_id in (select _batch_id from {{batch}})
                and column_name in ({", ".join(repr(column) for column in columns)})
                and row_count >= {_LEAST_ROWS_TO_COMPARE}
                and (
                    magnitude > {_UNIT_FACTOR} * usual_magnitude
                    or magnitude * {_UNIT_FACTOR} < usual_magnitude
                )
        """,
        severity="critical",
        notes="The typical size of the column changed by a factor that only a change of unit "
        "explains (pence for pounds, kilobytes for megabytes). The feed's owner corrects the "
        "expression, for example `amount / 100`.",
    )


def no_null_flood(policy: Policy) -> Expectation:
    """No column that is usually filled is suddenly mostly empty."""
    import great_expectations.expectations as gxe

    return gxe.UnexpectedRowsExpectation(
        description="no column that is usually filled is mostly null",
        unexpected_rows_query=f"""
            select _batch_id, column_name, null_ratio, usual_null_ratio
            from delivery_columns
            where
                _batch_id in (select _batch_id from {{batch}})
                and row_count >= {_LEAST_ROWS_TO_COMPARE}
                and usual_null_ratio <= {policy.gate.max_null_ratio}
                and null_ratio > 0.5
        """,
        severity="critical",
        notes="A column that this feed always filled is mostly empty: its source column was "
        "renamed or emptied upstream. The feed's owner corrects the expression or asks for a new "
        "file.",
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


def known_categories() -> Expectation:
    """Codes are those the feed had before; a new one is published, and shown."""
    import great_expectations.expectations as gxe

    return gxe.UnexpectedRowsExpectation(
        description="no code that the feed never had",
        unexpected_rows_query=f"""
            select _batch_id, column_name, new_value, row_count
            from delivery_categories
            where
                _batch_id in (select _batch_id from {{batch}})
                and expected_earlier_row_count >= {_LEAST_MISSED_ROWS}
        """,
        severity="warning",
        notes="A code appears for the first time. It is published as it is; whoever owns the "
        "dashboards checks that their filters and labels know it.",
    )
