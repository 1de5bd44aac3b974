"""May `service_recovery_queue` go out?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.releases import between, filled, one_of, reconciles, unique

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

    from saydo.config import Feeds, Policy

KEY = ("customer_id", "incident_date")

# A business that lists no incidents credits nobody.
MAY_BE_EMPTY = True

DECISIONS = ("credit", "holdout", "capped", "too_recent", "no_consent", "too_small")
_WHO = "Whoever changed the models of service recovery last corrects them."


def suite(policy: Policy, feeds: Feeds) -> list[Expectation]:
    """The rules: a day is decided once, by the policy, and no decision is lost or made up."""
    import great_expectations.expectations as gxe

    limits = policy.recovery
    return [
        unique(*KEY),
        *filled(
            *KEY,
            "incident_id",
            "policy_code",
            "policy_version",
            "currency_code",
            "fault_minutes",
            "credit_amount",
            "is_measured",
            "has_consent",
        ),
        one_of("decision", DECISIONS),
        between("fault_minutes", 0, 1500),
        reconciles(
            "every decision about a customer that there is is in the queue",
            "select count(*) from {batch} where decided_at is not null",
            "select count(*) from intermediate.int_credits_resolved",
            "A decision is lost or told twice: a customer would be decided on again, or credited "
            f"without a trace. Nothing may be handed over before it is corrected. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="what is decided says what, when and on which release; what waits nothing",
            unexpected_rows_query="""
                select customer_id, incident_date, decision
                from {batch}
                where
                    (decision is null) <> (decided_at is null)
                    or (decision_id is null) <> (decided_at is null)
                    or (decided_at is not null and release_id is null)
                    or (handed_over_at is not null and decision is distinct from 'credit')
            """,
            severity="critical",
            notes=f"A row is half decided, or somebody who was not credited handed over. {_WHO}",
        ),
        gxe.UnexpectedRowsExpectation(
            description="what waits is worth a credit within the policy, and of the days looked at",
            unexpected_rows_query=f"""
                select customer_id, incident_date, credit_amount
                from {{batch}}
                where
                    decided_at is null
                    and (
                        credit_amount not between {limits.min_credit} and {limits.max_credit}
                        or policy_version <> {limits.version}
                        or incident_date <= (
                            select max(as_of_date) - {limits.look_back_days}
                            from marts.customer_profiles
                        )
                    )
            """,
            severity="critical",
            notes=f"A credit would be decided that the policy does not allow. {_WHO}",
        ),
    ]
