"""May `flux_signals` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import between, filled, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("signal_code",)

# Nothing has followed on the signals of a business of three months.
MAY_BE_EMPTY = True

_WHO = "Whoever changed saydo.estimate.flux_signals or its sums last corrects it."


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules; `policy` says of how many customers a lift is told."""
    import great_expectations.expectations as gxe

    return [
        unique(*KEY),
        *filled("customer_count", "observation_count", "base_observation_count"),
        between("followed_by_change_ratio", 0, 1),
        between("base_ratio", 0, 1),
        gxe.UnexpectedRowsExpectation(
            description="a lift lies in its interval, of enough customers, and is what it says",
            unexpected_rows_query=f"""
                select *
                from {{batch}}
                where
                    lift not between ci_low - 0.00001 and ci_high + 0.00001
                    or lift is not null and customer_count < {policy.flux.min_customers}
                    or abs(lift * base_ratio - followed_by_change_ratio) > 0.0001 * (1 + lift)
                    or customer_count > observation_count
                    or observation_count > base_observation_count
            """,
            severity="critical",
            notes=f"A signal would be believed, or not, for nothing. {_WHO}",
        ),
    ]
