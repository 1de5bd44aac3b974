"""May `customers_in_flux` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import between, filled, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("customer_id", "signal_code")

# Of a young business no signal has a lift yet.
MAY_BE_EMPTY = True

_WHO = "Whoever changed int_flux_signals_dated or customers_in_flux last corrects it."


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules: the signals that profiles tell, each with a lift that was measured."""
    import great_expectations.expectations as gxe

    return [
        unique(*KEY),
        *filled("strength", "lift", "sentence", "first_seen_date"),
        between("strength", 0, 1),
        gxe.UnexpectedRowsExpectation(
            description="a signal is one that the profile tells, seen by the as-of day",
            unexpected_rows_query="""
                select *
                from {batch}
                left join marts.customer_profiles as profiles using (customer_id)
                where not coalesce(
                    contains(',' || profiles.flux_reasons || ',', ',' || signal_code || ',')
                    and first_seen_date <= profiles.as_of_date, false
                )
            """,
            severity="critical",
            notes=f"Somebody would be called about what did not happen. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="a signal is listed with the lift that was measured, of all who have it",
            unexpected_rows_query="""
                select *
                from (
                    select signal_code, count(*) as listed, min(lift) as low, max(lift) as high
                    from {batch} group by signal_code
                )
                full outer join (
                    select signal_code, lift, count(distinct profiles.customer_id) as told
                    from marts.flux_signals
                    left join marts.customer_profiles as profiles
                        on contains(',' || profiles.flux_reasons || ',', ',' || signal_code || ',')
                    where lift is not null
                    group by signal_code, lift
                ) using (signal_code)
                where
                    coalesce(listed, 0) <> coalesce(told, 0)
                    or low is distinct from high
                    or low <> lift
            """,
            severity="critical",
            notes=f"A customer is missing, or a signal says what nobody measured. {_WHO}",
        ),
    ]
