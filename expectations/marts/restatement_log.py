"""May `restatement_log` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import filled, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("table_name", "key", "column_name", "changed_in_release")

# The first release replaces none.
MAY_BE_EMPTY = True

_WHO = "Whoever changed restatement_log last corrects it."


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules: nothing that was published changes without a word, and no word is taken back."""
    import great_expectations.expectations as gxe

    return [
        unique(*KEY),
        *filled("table_name", "key", "column_name", "cause_codes", "cause_batch_count"),
        gxe.UnexpectedRowsExpectation(
            description="what is in the log did change",
            unexpected_rows_query="""
                select table_name, key, column_name, old, new
                from {batch}
                where old is not distinct from new
            """,
            severity="critical",
            notes=f"A figure is called restated and is not. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="every month that was over and has changed is in the log",
            unexpected_rows_query="""
                with known as (
                    select least(replaced.as_of_date, now.as_of_date) as known_until_date
                    from intermediate.int_releases_listed as replaced
                    cross join (
                        select max(as_of_date) as as_of_date from marts.customer_profiles
                    ) as now
                    where replaced.is_current
                ),
                changed as (
                    select
                        table_name, key, column_name,
                        published.value as old, figures.value as new
                    from intermediate.int_figures_published as published
                    left join marts.published_figures as figures
                        using (table_name, column_name, segment_type, key)
                    cross join known
                    where
                        published.value is distinct from figures.value
                        and last_day(published.month_start_date) <= known_until_date
                )
                select table_name, key, column_name, old, new from changed
                except
                select table_name, key, column_name, old, new
                from {batch}
                where changed_in_release is null
            """,
            severity="critical",
            notes="A figure that readers were given changes without a word, so that nobody can "
            f"tell why their report of last week differs. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="what earlier releases told is told still",
            unexpected_rows_query="""
                select table_name, key, column_name, changed_in_release
                from intermediate.int_restatements_logged
                except
                select table_name, key, column_name, changed_in_release from {batch}
            """,
            severity="critical",
            notes=f"The log lost what the last release told. {_WHO}",
        ),
    ]
