"""A small business in Los Angeles, delivered in steps that change what was known before."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

MARTS = ("customer_profiles", "customer_months", "customer_profile_versions", "customer_events",
         "customer_identifiers", "identity_changes", "data_readiness", "release_history",
         "published_figures", "restatement_log", "revenue_movements", "recurring_revenue_monthly",
         "retention_cohorts", "satisfaction_monthly", "survey_weighting", "survey_groups_monthly",
         "survey_questions", "satisfaction_drivers", "stated_vs_actual", "stated_vs_actual_monthly",
         "stated_cancel_reasons", "metrics_daily", "experience_effects", "segment_effects",
         "revenue_at_stake", "experiment_readouts", "service_recovery_queue",
         "service_recovery_outcomes", "customer_journeys", "journey_steps", "journey_paths",
         "success_circles", "segment_memberships", "decision_log", "customers_in_flux",
         "flux_signals", "next_best_services", "recommendation_readouts",
         "customer_influence")  # fmt: skip
# Without rows here: they rest on estimates, which dbt does not make, on what nobody was asked, or
# on incidents, of which there are none.
ESTIMATED = ("satisfaction_monthly", "survey_weighting", "survey_groups_monthly",
             "satisfaction_drivers", "stated_vs_actual_monthly",
             "stated_cancel_reasons", "experience_effects", "segment_effects",
             "experiment_readouts", "service_recovery_queue",
             "service_recovery_outcomes", "journey_paths", "success_circles",
             "segment_memberships", "decision_log", "customers_in_flux", "flux_signals",
             "next_best_services", "recommendation_readouts",
             "customer_influence")  # fmt: skip

PEOPLE = 8
DAYS = (date(2025, 1, 10), date(2025, 3, 29))
ZONE = {"business_timezone": "America/Los_Angeles"}


def as_of(day: str, end_at: str) -> dict[str, Any]:
    """dbt variables of a run as of the end of a day, `end_at` being that end in UTC."""
    return {"as_of_date": day, "as_of_end_at": end_at} | ZONE


def whose(person: int) -> dict[str, str]:
    return {"id_type": "msisdn", "id_key": f"m{person}"}


def usage(person: int, day: date, **measures: float) -> dict[str, Any]:
    known = {
        "session_count": 4 + person, "failed_session_count": 0, "dropped_session_count": person % 3,
        "stall_seconds": 30, "usage_minutes": 60, "traffic_mb": 100 + day.day, "outage_minutes": 0,
        "throughput_mbps": 20, "latency_ms": 40,
    }  # fmt: skip
    return whose(person) | {"usage_date": day, "site_code": "S1"} | known | measures


def charge(number: int, person: int, at: str, amount: float, kind: str = "charge"):
    return whose(person) | {
        "transaction_id": f"t{number}", "occurred_at": at, "transaction_type": kind,
        "amount": amount, "currency": "EUR",
    }  # fmt: skip


def plan(person: int, amount: float, started_at: str, **values: Any) -> dict[str, Any]:
    return whose(person) | {
        "subscription_id": f"s{person}", "product_code": "basic", "product_type": "plan",
        "recurring_amount": amount, "currency": "EUR", "billing_interval": "month",
        "started_at": started_at, "updated_at": started_at,
    } | values  # fmt: skip


def answer(number: int, person: int, at: str, score: float) -> dict[str, Any]:
    return whose(person) | {
        "response_id": f"r{number}", "survey_code": "wave", "question_code": "overall",
        "responded_at": at, "score": score, "scale_min": 0, "scale_max": 10,
    }  # fmt: skip


def contact(number: int, person: int, at: str, kind: str = "complaint") -> dict[str, Any]:
    return whose(person) | {
        "interaction_id": f"i{number}", "occurred_at": at, "channel_code": "phone",
        "interaction_type": kind,
    }  # fmt: skip


def deliver_history(home: Any) -> None:
    """January to the 29th of March. Person 7 has usage in March only; person 8 an account only.

    Nobody is known yet to own the number of person 9, who is charged and seen in January.
    """
    people = range(1, PEOPLE + 1)
    home.deliver(
        "accounts",
        [
            {"account_key": f"a{n}", "opened_at": f"2025-01-0{n}", "birth_year": 1970 + n % 3,
             "region_code": "CA", "customer_type": "consumer"}
            for n in people
        ],
    )  # fmt: skip
    home.deliver(
        "account_identifiers",
        [{"account_key": f"a{n}", "valid_from_at": f"2025-01-0{n}"} | whose(n) for n in people],
    )
    days = [DAYS[0] + timedelta(days=n) for n in range((DAYS[1] - DAYS[0]).days + 1)]
    home.deliver(
        "network_usage_daily",
        [usage(n, day, outage_minutes=45 if day.day == 9 * n % 28 else 0)
         for n in range(1, 7) for day in days]
        + [usage(7, day) for day in days if day.month == 3]
        + [usage(9, date(2025, 1, day)) for day in (11, 12, 13)],
    )  # fmt: skip
    home.deliver(
        "transactions",
        [charge(100 * n + m, n, f"2025-0{m}-0{n} 12:00", 10 * n + m)
         for n in range(1, 7) for m in (1, 2, 3)]
        # Local evening of the 31st of January; UTC says February.
        + [charge(1, 1, "2025-02-01 05:00", 3.33, "one_off"),
           charge(2, 2, "2025-02-10 05:00", 1.11, "refund"),
           charge(9, 9, "2025-01-20 12:00", 42)],
    )  # fmt: skip
    home.deliver("subscriptions", [plan(n, 20 + n, f"2025-01-1{n} 08:00") for n in range(1, 7)])
    home.deliver(
        "survey_responses",
        [answer(n, n, f"2025-0{1 + n % 3}-15 10:00", n + 1) for n in range(1, 7)],
    )
    home.deliver("interactions", [contact(n, n, f"2025-03-1{n} 09:00") for n in (2, 3)])


def deliver_late_rows(home: Any) -> None:
    """Late rows of January: person 7 turns out to have begun two months earlier.

    That person 6 moved in February is told in March.
    """
    home.deliver(
        "accounts",
        [{"account_key": "a6", "opened_at": "2025-01-06", "updated_at": "2025-02-03 12:00",
          "region_code": "NV", "customer_type": "consumer", "birth_year": 1970}],
        feed="moves",
    )  # fmt: skip
    home.deliver("network_usage_daily", [usage(7, date(2025, 1, 20), outage_minutes=90)])
    home.deliver("transactions", [charge(3, 7, "2025-01-21 12:00", 70)], feed="late_charges")


def deliver_merge_and_ends(home: Any) -> None:
    """The 30th and 31st. Persons 2 and 5 are one, 3 leaves, 4 pauses; two rows are dated anew.

    Whose the number of person 9 has been since January is told at last.
    """
    mail = {"id_type": "panel_id", "id_key": "p2"}
    home.deliver(
        "account_identifiers",
        [{"account_key": key, "valid_from_at": "2025-01-05"} | mail for key in ("a2", "a5")],
        feed="panel",
    )
    home.deliver(
        "subscriptions",
        [plan(3, 23, "2025-01-13 08:00", ended_at="2025-02-20 08:00", updated_at="2025-03-31"),
         plan(4, 24, "2025-01-14 08:00", ended_at="2025-02-10 08:00", updated_at="2025-03-31"),
         plan(4, 29, "2025-03-02 08:00", subscription_id="s4b")],
    )  # fmt: skip
    home.deliver("accounts", [{"account_key": "a9", "opened_at": "2025-01-09"}], feed="late_a")
    home.deliver(
        "account_identifiers",
        [{"account_key": "a9", "valid_from_at": "2025-01-09"} | whose(9)],
        feed="late_owners",
    )
    home.deliver("transactions", [charge(102, 1, "2025-03-05 12:00", 12)], feed="corrections")
    home.deliver("survey_responses", [answer(4, 4, "2025-03-20 10:00", 9)], feed="corrections_s")
    for day in (30, 31):
        home.deliver("network_usage_daily", [usage(n, date(2025, 3, day)) for n in range(1, 8)])


def deliver_recycled_number(home: Any) -> None:
    """April begins. The number of person 1 was handed to person 8 in February, we now hear."""
    home.deliver(
        "account_identifiers",
        [{"account_key": "a1", "valid_from_at": "2025-01-01", "valid_to_at": "2025-02-14 15:00"}
         | whose(1),
         {"account_key": "a8", "valid_from_at": "2025-02-17 15:00"} | whose(1)],
    )  # fmt: skip
    home.deliver("network_usage_daily", [usage(n, date(2025, 4, 1)) for n in range(1, 8)])
    home.deliver("transactions", [charge(4, 1, "2025-04-02 06:30", 5)])


# What is delivered before each build, and its as-of day.
STEPS = (
    ((deliver_history,), as_of("2025-03-29", "2025-03-30 07:00:00")),
    ((deliver_late_rows, deliver_merge_and_ends), as_of("2025-03-31", "2025-04-01 07:00:00")),
    ((deliver_recycled_number,), as_of("2025-04-01", "2025-04-02 07:00:00")),
    # Two months go by in which nothing is delivered.
    ((), as_of("2025-06-02", "2025-06-03 07:00:00")),
)
