"""May `experiment_readouts` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import filled, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("experiment_code", "variant_code", "metric_code", "segment_type", "segment_code")

# A business that runs no experiments has none.
MAY_BE_EMPTY = True

_WHO = "Whoever changed saydo.estimate or its sums last corrects it."


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules: a figure or a reason, intervals around what they are of, customers once."""
    import great_expectations.expectations as gxe

    return [
        unique(*KEY),
        *filled(*KEY, "customer_count", "assigned_count", "is_control", "is_valid"),
        gxe.UnexpectedRowsExpectation(
            description="chances and shares lie between 0 and 1",
            unexpected_rows_query="""
                select *
                from {batch}
                where
                    p_value not between 0 and 1
                    or adjusted_p_value not between 0 and 1
                    or sample_ratio_p_value not between 0 and 1
                    or variance_reduction_ratio not between 0 and 1
            """,
            severity="critical",
            notes=f"A chance or a share that there cannot be. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="what is not valid says why and has no figure, what is has one",
            unexpected_rows_query="""
                select *
                from {batch}
                where
                    is_valid <> (why_not is null)
                    or is_valid <> (mean is not null)
                    or (is_valid and not is_control) <> (difference is not null)
                    or (difference is null) <> (adjusted_p_value is null)
                    or difference is null and link_estimate is not null
            """,
            severity="critical",
            notes=f"A figure that must not be believed, or a gap that nobody explains. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="an experiment whose shares are off the plan has no figure",
            unexpected_rows_query=f"""
                select *
                from {{batch}}
                where
                    is_valid
                    and sample_ratio_p_value < {policy.experiments.sample_ratio_alpha} - 0.000001
            """,
            severity="critical",
            notes="Customers were lost or added by variant, and with them chance went out of the "
            f"comparison. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="a difference lies in its interval, and its p-value agrees",
            unexpected_rows_query="""
                select *
                from {batch}
                where
                    difference not between ci_low - 0.000001 and ci_high + 0.000001
                    or link_estimate not between link_ci_low and link_ci_high
                    or adjusted_p_value < p_value - 0.000001
            """,
            severity="critical",
            notes=f"A difference that nobody can be as sure of as it says. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="bands of one variant and metric are its customers, each once",
            unexpected_rows_query="""
                select
                    experiment_code,
                    variant_code,
                    metric_code,
                    sum(case when segment_type = 'all' then customer_count else 0 end) as of_all,
                    sum(case when segment_type = 'all' then 0 else customer_count end) as by_band
                from {batch}
                group by experiment_code, variant_code, metric_code
                having of_all <> by_band or of_all > max(assigned_count - pending_count)
            """,
            severity="critical",
            notes=f"Customers are counted twice or lost on the way to a band. {_WHO}",
        ),
    ]
