"""Rules that compare a delivery with its feed's other ones, and with what is known of customers.

They read the gate's own tables about the new batches: `deliveries`, `delivery_columns`,
`delivery_categories` and `delivery_doubts`, see `saydo.gate.deliveries`. Each gives one row per
batch that fails.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Policy

# Below this many rows a day chance alone moves them by half.
_LEAST_ROWS_PER_DAY = 50
# No price list and no network changes by this factor overnight; pounds for pence (100) and
# kilobytes for megabytes (1024) do.
_UNIT_FACTOR = 30
_LEAST_ROWS_TO_COMPARE = 100
# Of two files that differ, nobody knows which one is odd.
_LEAST_OTHER_BATCHES = 3
# Many codes of many files are looked at: one in a million is not chance.
_CHANCE_LOG10 = -6


def usual_volume(policy: Policy) -> list[Expectation]:
    """Rows a day stay near the feed's own median; first a warning, further out a refusal.

    What the feed has had before is usual, however far from its median: a monthly billing day. So
    a file must also leave the range of the feed's other files, by half of the ratio.
    """
    import great_expectations.expectations as gxe

    def within(ratio: float, severity: str) -> Expectation:
        return gxe.UnexpectedRowsExpectation(
            description=f"rows a day within {ratio:.0%} of the feed's usual",
            unexpected_rows_query=f"""
                select
                    _batch_id,
                    round(rows_per_day, 1) as rows_per_day,
                    round(usual_rows_per_day, 1) as usual_rows_per_day
                from deliveries
                where
                    _batch_id in (select _batch_id from {{batch}})
                    and is_rhythm_known
                    and usual_rows_per_day >= {_LEAST_ROWS_PER_DAY}
                    and (
                        rows_per_day < least(
                            {1 - ratio} * usual_rows_per_day, {1 - ratio / 2} * least_rows_per_day
                        )
                        or rows_per_day > greatest(
                            {1 + ratio} * usual_rows_per_day, {1 + ratio / 2} * most_rows_per_day
                        )
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


def known_owners(policy: Policy) -> list[Expectation]:
    """Identifiers are those of some account; first a warning, further out a refusal.

    Whether an account had it at the time of the fact is for `data_readiness` to say.
    """
    import great_expectations.expectations as gxe

    def at_most(ratio: float, severity: str) -> Expectation:
        return gxe.UnexpectedRowsExpectation(
            description=f"at most {ratio:.1%} of rows of identifiers that no account has",
            unexpected_rows_query=f"""
                select _batch_id, round(orphan_ratio, 4) as orphan_ratio, row_count
                from deliveries
                where
                    _batch_id in (select _batch_id from {{batch}})
                    and row_count >= {_LEAST_ROWS_TO_COMPARE}
                    and orphan_ratio > {ratio}
            """,
            severity=severity,
            notes="These rows can belong to no customer. The owner of the customer records "
            "delivers the missing account_identifiers; if the identifiers are written "
            "differently, the feed's owner corrects the expression or the normaliser.",
        )

    return [
        at_most(policy.gate.warn_orphan_ratio, "warning"),
        at_most(policy.gate.max_orphan_ratio, "critical"),
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
                and other_batch_count >= {_LEAST_OTHER_BATCHES}
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
                and other_batch_count >= {_LEAST_OTHER_BATCHES}
                and usual_null_ratio <= {policy.gate.max_null_ratio}
                and null_ratio > 0.5
        """,
        severity="critical",
        notes="A column that this feed always filled is mostly empty: its source column was "
        "renamed or emptied upstream. The feed's owner corrects the expression or asks for a new "
        "file.",
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
                and chance_log10 < {_CHANCE_LOG10}
        """,
        severity="warning",
        notes="A code appears for the first time. It is published as it is; whoever owns the "
        "dashboards checks that their filters and labels know it.",
    )


def like_its_past() -> list[Expectation]:
    """Whatever else tells a file from its feed's others (`saydo.gate.past`), refused or shown.

    One query a severity, not one a comparison, for what each query costs. A row is one doubt, and
    says itself what it means and who acts.
    """
    import great_expectations.expectations as gxe

    def without(condition: str, severity: str, description: str) -> Expectation:
        return gxe.UnexpectedRowsExpectation(
            description=description,
            unexpected_rows_query=f"""
                select _batch_id, doubt, seen, advice
                from delivery_doubts
                where _batch_id in (select _batch_id from {{batch}}) and {condition}
            """,
            severity=severity,
            notes="The file is unlike all that its feed delivered before. Each row says what is "
            "unlike, and what its owner does about it.",
        )

    return [
        without("is_grave", "critical", "no file that its feed's past makes a fault"),
        without("not is_grave", "warning", "no file unlike its feed's past"),
    ]
