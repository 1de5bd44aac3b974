"""May `stated_cancel_reasons` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import between, filled, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("customer_id", "answered_at")

# A business that asks nobody why they left has no answers.
MAY_BE_EMPTY = True

_WHO = "Whoever changed int_cancel_answers_compared last corrects it."


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules: the record is of before leaving, and agreement is what it says."""
    import great_expectations.expectations as gxe

    return [
        unique(*KEY),
        *filled(*KEY, "reason_code", "record_type"),
        between("experience_score_before", 0, 100),
        gxe.UnexpectedRowsExpectation(
            description="a reason agrees with the record that it is held against",
            unexpected_rows_query="""
                select customer_id, answered_at
                from {batch}
                where record_agreement is distinct from case
                    when record_type = 'none' then 'not_on_record'
                    when record_type = 'unlisted' then 'unlisted'
                    when
                        (record_type = 'service' and has_poor_service)
                        or (record_type = 'price' and has_higher_bill)
                        or (record_type = 'contact' and has_complaint)
                        then 'agrees'
                    when record_type in ('service', 'price', 'contact') then 'disagrees'
                end
            """,
            severity="critical",
            notes=f"Customers are said to be right or wrong who are not. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="a customer has left before saying why",
            unexpected_rows_query="""
                select customer_id, answered_at from {batch} where left_at > answered_at
            """,
            severity="critical",
            notes=f"The record is of another leaving than the one asked about. {_WHO}",
        ),
    ]
