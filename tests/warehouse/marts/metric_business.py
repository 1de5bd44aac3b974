"""A business of forty customers and three months in which every headline metric has a value."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from small_business import plan, usage, whose

PEOPLE = range(1, 41)
DAY = {
    "as_of_date": "2025-03-20",
    "as_of_end_at": "2025-03-21 00:00:00",
    "business_timezone": "UTC",
}
MONTHS = (1, 2, 3)


def deliver(home: Any) -> None:
    """Forty accounts of three regions: most pay, some leave, come back, pay more or less."""
    home.deliver(
        "accounts",
        [{"account_key": f"a{n}", "opened_at": "2024-01-01", "customer_type": "consumer",
          "birth_year": 1950 + n, "region_code": ("CA", "NV", None)[n % 3]} for n in PEOPLE],
    )  # fmt: skip
    home.deliver(
        "account_identifiers",
        [{"account_key": f"a{n}", "valid_from_at": "2024-01-01"} | whose(n) for n in PEOPLE],
    )
    home.deliver("subscriptions", [span for n in PEOPLE[:36] for span in _subscriptions(n)])
    days = [date(2025, 1, 5) + timedelta(days=n) for n in range(75)]
    home.deliver(
        "network_usage_daily",
        [usage(n, day, outage_minutes=n * (day.day % 5)) for n in PEOPLE[:24] for day in days],
    )
    home.deliver("survey_invitations", [_invitation(n, m) for n in PEOPLE for m in MONTHS])
    home.deliver(
        "survey_responses",
        [_answer(n, m, question, (7 * n + 3 * m + len(question)) % 11)
         for n in PEOPLE[4:] for m in MONTHS for question in ("overall", "recommend")
         if (n + m) % 4]
        # What they state in December is followed by March.
        + [_intent(n, f"2024-12-0{1 + n % 5} 10:00", (5 * n) % 11) for n in PEOPLE[::2]],
    )  # fmt: skip


def _subscriptions(person: int) -> list[dict[str, Any]]:
    first = plan(
        person, 20 + person, "2024-11-10 08:00", product_code=("basic", "plus")[person % 2]
    )
    if person % 4:
        return [first]
    first |= {"ended_at": "2025-02-11 08:00", "updated_at": "2025-02-11 09:00"}
    if person % 8:
        return [first]
    again = {16: 10, 24: 90}.get(person, 20 + person)
    began = "2025-03-05 08:00" if person == 8 else "2025-02-11 08:00"
    return [first, plan(person, again, began, subscription_id=f"s{person}b")]


def _invitation(person: int, month: int) -> dict[str, Any]:
    return whose(person) | {
        "invitation_id": f"i{month}-{person}", "survey_code": "tracker", "status": "sent",
        "invited_at": f"2025-0{month}-10 10:00", "wave_date": f"2025-0{month}-10",
        "design_weight": 1 + person % 2,
    }  # fmt: skip


def _answer(person: int, month: int, question: str, score: int) -> dict[str, Any]:
    is_invited = person % 10 != 5
    return whose(person) | {
        "response_id": f"{question}{month}-{person}", "survey_code": "tracker",
        "invitation_id": f"i{month}-{person}" if is_invited else None,
        "question_code": question, "responded_at": f"2025-0{month}-12 10:00",
        "score": score, "scale_min": 0, "scale_max": 10,
    }  # fmt: skip


def _intent(person: int, at: str, score: int) -> dict[str, Any]:
    return whose(person) | {
        "response_id": f"stay-{person}", "survey_code": "intent",
        "question_code": "stated_stay_intent", "responded_at": at, "score": score,
        "scale_min": 0, "scale_max": 10,
    }  # fmt: skip
