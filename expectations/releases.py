"""The rules that published tables share, each a plain expectation with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from saydo.sql import literal

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Policy

# An address; and a telephone number with its international or national prefix. A longer run of
# digits and letters, such as a hash, is neither.
_EMAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2}"
_PHONE = r"(^|[^0-9A-Za-z_.+-])(\+[1-9][0-9]{8,14}|0[1-9][0-9]{8,10})($|[^0-9A-Za-z_.-])"

# Money is rounded to the cent when it is published. Only where amounts have parts of one may sums
# of what is published be off: by half a cent for each month and for each life that has some.
ROUNDED_AWAY = """
    select 0.01 * coalesce(sum(fractional_count), 0)
    from intermediate.int_transactions_summarised_to_customers
"""


def nothing_personal(clear_ids: Sequence[str] = (), table: str = "{batch}") -> Expectation:
    """No text looks like an e-mail address or a telephone number, in any row of any column.

    The gate adds this to the suite of every published table. Every value is looked at; a finding
    counts them and never shows one.

    Args:
        clear_ids: columns with ids in clear, which may look like a telephone number.
        table: what to look at instead of the suite's own table.
    """
    import great_expectations.expectations as gxe

    found = _personal_sql(f"* exclude ({', '.join(clear_ids)})" if clear_ids else "*", table)
    if clear_ids:
        found += f" union all {_personal_sql(', '.join(clear_ids), table, _EMAIL)}"
    what = "any column" if table == "{batch}" else table
    # GX warns of a query that does not name its batch: another table's has to, in passing.
    return gxe.UnexpectedRowsExpectation(
        description=f"nothing personal in {what}",
        unexpected_rows_query=f"""
            select column_name, found.value_count, found.row_count
            from ({found})
            where found.row_count > 0 and 0 <= (select count(*) from {{batch}})
            order by column_name
        """,
        severity="critical",
        notes="A published table may hold no e-mail address and no telephone number. Whoever "
        "added the column removes it, or publishes its keyed hash.",
    )


def _personal_sql(columns: str, table: str, pattern: str = f"{_EMAIL}|{_PHONE}") -> str:
    """Select of each column with how many of its values and rows match, a text column or not.

    Every column is looked at in one scan, without a list of them that might lack one: a type is
    known before a row is read, so what is no text costs nothing. Not by `filter (where …)`, in
    which DuckDB 2 takes `columns(…)` to mean that all of them match.
    """
    column = "columns('(.*)')"
    value = f"case when typeof({column}) = 'VARCHAR' then cast({column} as varchar) end"
    is_personal = (
        f"regexp_matches({value}, {literal(pattern).replace('{', '{{').replace('}', '}}')})"
    )
    return f"""
        from (
            unpivot (
                select
                    struct_pack(
                        value_count := count(distinct case when {is_personal} then {value} end),
                        row_count := count(case when {is_personal} then 1 end)
                    ) as "\\1"
                from (select {columns} from {table})
            )
            on columns(*) into name column_name value found
        )
    """


def unique(*columns: str) -> Expectation:
    """One row per key: a second one is a join that fans out."""
    import great_expectations.expectations as gxe

    note = (
        "The table has more than one row per key: a join fans out and every sum over it is too "
        "high. Whoever changed the model last corrects the join."
    )
    if len(columns) == 1:
        return gxe.ExpectColumnValuesToBeUnique(column=columns[0], severity="critical", notes=note)
    return gxe.ExpectCompoundColumnsToBeUnique(
        column_list=list(columns), severity="critical", notes=note
    )


def filled(*columns: str) -> list[Expectation]:
    """Columns that BI filters and joins by are never null."""
    import great_expectations.expectations as gxe

    return [
        gxe.ExpectColumnValuesToNotBeNull(
            column=column,
            severity="critical",
            notes=f"A row without {column} drops out of every filter and join. Whoever changed the "
            "model last corrects it.",
        )
        for column in columns
    ]


def between(column: str, least: float, most: float) -> Expectation:
    """A score or a ratio lies on its scale; null means not known."""
    import great_expectations.expectations as gxe

    return gxe.ExpectColumnValuesToBeBetween(
        column=column,
        min_value=least,
        max_value=most,
        severity="critical",
        notes=f"{column} lies outside {least} to {most}: its formula, or the scale of what it is "
        "made of, is wrong. Whoever changed the model last corrects it.",
    )


def one_of(column: str, values: Sequence[str]) -> Expectation:
    """A category holds only the values that are documented; null means not known."""
    import great_expectations.expectations as gxe

    return gxe.ExpectColumnValuesToBeInSet(
        column=column,
        value_set=list(values),
        severity="critical",
        notes=f"{column} holds a value that dashboards do not know. Whoever changed the model last "
        "corrects it, or documents the value first.",
    )


def bands_agree(policy: Policy, score: str, band: str, key: Sequence[str]) -> Expectation:
    """The band is that of the score, by the edges in the policy; neither stands alone."""
    import great_expectations.expectations as gxe

    edges = policy.satisfaction
    return gxe.UnexpectedRowsExpectation(
        description=f"{band} is the band of {score}",
        unexpected_rows_query=f"""
            select {", ".join(key)}, {score}, {band}
            from {{batch}}
            where {band} is distinct from case
                when {score} < {edges.dissatisfied_below} then 'dissatisfied'
                when {score} >= {edges.fan_from} then 'fan'
                when {score} is not null then 'neutral'
            end
        """,
        severity="critical",
        notes="A customer is shown in a band that the score does not earn. Whoever changed the "
        "bands or their edges in policy.yml corrects the other.",
    )


def segments_add_up(keys: Sequence[str], sums: Sequence[str], notes: str) -> Expectation:
    """The segments of each type have as much of `sums` as everybody, for each of `keys`."""
    import great_expectations.expectations as gxe

    same = " and ".join(f"segments.{key} = everybody.{key}" for key in keys)
    differ = " or ".join(f"segments.{name} is distinct from everybody.{name}" for name in sums)
    return gxe.UnexpectedRowsExpectation(
        description="the segments of one type add up to everybody",
        unexpected_rows_query=f"""
            with counted as (
                select
                    {", ".join(keys)}, segment_type,
                    {", ".join(f"sum({name}) as {name}" for name in sums)}
                from {{batch}}
                group by {", ".join(keys)}, segment_type
            )
            select segments.*
            from counted as segments
            left join counted as everybody on {same} and everybody.segment_type = 'all'
            where {differ}
        """,
        severity="critical",
        notes=notes,
    )


def reconciles(
    description: str, published: str, source: str, notes: str, tolerance: str = "select 0"
) -> Expectation:
    """Two SQL scalars are the same: what is published, and what it is made of.

    Args:
        description: the claim.
        published: expression with one value; it may read `{batch}`.
        source: expression with one value.
        notes: what a difference means and who acts.
        tolerance: query of the largest difference that rounding explains.
    """
    import great_expectations.expectations as gxe

    return gxe.UnexpectedRowsExpectation(
        description=description,
        unexpected_rows_query=f"""
            with compared as (select ({published}) as published, ({source}) as expected)
            select published, expected, published - expected as difference
            from compared
            where
                published is distinct from expected
                and coalesce(abs(published - expected), 1e9) > ({tolerance})
        """,
        severity="critical",
        notes=notes,
    )
