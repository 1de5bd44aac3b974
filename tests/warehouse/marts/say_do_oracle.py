"""What was said and what was done, again, answer by answer, from what docs/say-do.md says."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from oracle import PER_YEAR, SIGN, experience, rounded
from profile_oracle import FAULT_MINUTES, ProfileOracle

Row = dict[str, Any]
Key = tuple[str, str, datetime]
SATISFIED_FROM = {
    "overall_satisfaction": 7, "recommend": 7, "stated_stay_intent": 7, "stated_spend_intent": 5,
}  # fmt: skip
FALLS_BELOW, RISES_FROM, POOR_BELOW = Fraction(8, 10), Fraction(11, 10), 50
RECORD = {
    "price too high": ("price", "price"), "bad signal at home": ("network", "service"),
    "moved": ("moved", "none"), "attitude of support person": ("attitude", "contact"),
}  # fmt: skip


class SayDoOracle(ProfileOracle):
    """Each figure from the facts of one customer around one moment."""

    def ledger(self) -> dict[Key, Row]:
        """Rows of stated_vs_actual by (customer, role, instant)."""
        return {
            (customer, row["question_role"], row["responded_at"]): self._row(customer, row)
            for customer, answers in self.answers.items()
            if customer
            for row in sorted(answers, key=lambda row: (row["response_id"], row["question_code"]))
            if row["question_role"] in SATISFIED_FROM and row["score"] is not None
        }

    def _row(self, customer: str, answer: Row) -> Row:
        at, score = answer["responded_at"], answer["score"]
        day = self.local(at).date()
        row = {
            "stated_score": score,
            "is_satisfied": score >= SATISFIED_FROM[answer["question_role"]],
            "is_pending": day + timedelta(days=90) > self.as_of,
            **self._before(customer, day),
            **self.followed(customer, day, at),
        }
        return row | {"say_do_quadrant": _quadrant(row)}

    def followed(self, customer: str, day: date, at: datetime) -> Row:
        """Money before a moment, and what came after it."""
        until = day + timedelta(days=90)
        before, charges_before = self._billed(customer, day - timedelta(days=90), day)
        row: Row = {"revenue_before": before, "mrr_before": self._price(customer, at)}
        row |= dict.fromkeys(("revenue_after", "mrr_after", "new_service_count", "stay_outcome",
                              "spend_outcome", "revenue_change_ratio"))  # fmt: skip
        if until > self.as_of:
            return row
        after, charges = self._billed(customer, day + timedelta(days=1), until + timedelta(days=1))
        price = self._price(customer, self.begin_of(until + timedelta(days=1)))
        spend = None
        keeps_price = 0 < row["mrr_before"] <= price
        if before > 0 and Fraction(after) < FALLS_BELOW * Fraction(before):
            spend = "kept" if keeps_price and charges < charges_before else "fell"
        elif before > 0 or after > 0 or keeps_price:
            spend = "kept"
        elif row["mrr_before"] > 0:
            spend = "fell"
        return row | {
            "revenue_after": after,
            "mrr_after": price,
            "spend_outcome": spend,
            "stay_outcome": ("stayed" if price > 0 else "left") if row["mrr_before"] > 0 else None,
            "revenue_change_ratio": rounded(Fraction(after) / Fraction(before), 4)
            if before > 0
            else None,
            "new_service_count": sum(
                span["started_at"] > at
                and self.local(span["started_at"]).date() <= until
                and self._is_new(customer, span)
                for span in self.subscriptions[customer]
            ),
        }

    def _billed(self, customer: str, since: date, until: date) -> tuple[Decimal, int]:
        rows = [
            row
            for row in self.charges[customer]
            if since <= self.local(row["occurred_at"]).date() < until
        ]
        revenue = sum((SIGN[row["transaction_type"]] * row["amount"] for row in rows), Decimal(0))
        return revenue, sum(row["transaction_type"] == "charge" for row in rows)

    def _price(self, customer: str, at: datetime) -> Decimal:
        """Monthly price of what had begun before an instant and was not over by it."""
        return sum(
            (
                rounded(
                    Fraction(span["recurring_amount"])
                    * Fraction(PER_YEAR[span["billing_interval"]], 12), 2,
                )
                for span in self.subscriptions[customer]
                if span["started_at"] < at and (span["ended_at"] is None or span["ended_at"] >= at)
            ),
            Decimal(0),
        )  # fmt: skip

    def _before(self, customer: str, day: date) -> Row:
        month = day.replace(day=1)
        previous = (month - timedelta(days=1)).replace(day=1)
        used = self.usage[customer]
        last = [row for row in used if row["usage_date"].replace(day=1) == previous]
        is_known = any(row["usage_date"].replace(day=1) in (month, previous) for row in used)
        near = [row for row in used if day - timedelta(days=30) <= row["usage_date"] < day]
        return {
            "experience_score_before": experience(last).mean,
            "fault_day_count_before": experience(near).fault_days(FAULT_MINUTES)
            if is_known
            else None,
        }

    def quadrants(self, ledger: dict[Key, Row], scores: dict[str, Any]) -> dict[str, str]:
        """Of each customer; `scores` are the experience scores of the last 30 days."""
        order = ("overall_satisfaction", "stated_stay_intent", "recommend", "stated_spend_intent")
        found: dict[str, str] = {}
        said: dict[str, list[tuple[datetime, int, str]]] = defaultdict(list)
        for (customer, role, at), row in ledger.items():
            if row["say_do_quadrant"]:
                said[customer].append((at, -order.index(role), row["say_do_quadrant"]))
        found |= {customer: max(rows)[2] for customer, rows in said.items()}
        asked = {
            self.owner(row, row["invited_at"])
            for row in self.rows("select * from staging.stg_survey__invitations")
        } | {customer for customer, rows in self.answers.items() if rows}
        day = self.as_of - timedelta(days=90)
        for customer, score in scores.items():
            if customer not in asked and score is not None and score < POOR_BELOW:
                row = self.followed(customer, day, self.begin_of(day))
                if row["spend_outcome"] == "fell" or row["stay_outcome"] == "left":
                    found[customer] = "silent_detractor"
        return found

    def reasons(self) -> dict[tuple[str, datetime], Row]:
        """Rows of stated_cancel_reasons by (customer, instant)."""
        return {
            (customer, row["responded_at"]): self._reason(customer, row)
            for customer, answers in self.answers.items()
            if customer
            for row in sorted(answers, key=lambda row: (row["response_id"], row["question_code"]))
            if row["question_role"] == "cancel_reason" and (row["answer_text"] or "").strip()
        }

    def _reason(self, customer: str, answer: Row) -> Row:
        at = answer["responded_at"]
        ends = [
            span["ended_at"]
            for span in self.subscriptions[customer]
            if span["ended_at"] is not None
            and span["started_at"] <= span["ended_at"] <= at
            and span["ended_at"] > at - timedelta(days=90)
        ]
        left_at = max(ends, default=None)
        moment = left_at or at
        day = self.local(moment).date()
        earlier = day - timedelta(days=90)
        bills = self.followed(customer, earlier, self.begin_of(earlier))
        before, charges_before = self._billed(customer, earlier - timedelta(days=90), earlier)
        after, charges = self._billed(
            customer, earlier + timedelta(days=1), day + timedelta(days=1)
        )
        service, price = self._before(customer, day), self._price(customer, moment)
        score, faults = service["experience_score_before"], service["fault_day_count_before"]
        contacts = [
            row
            for row in self.contacts[customer]
            if earlier <= self.local(row["occurred_at"]).date() and row["occurred_at"] < moment
        ]
        complaints = sum(row["interaction_type"] == "complaint" for row in contacts)
        has = {
            "service": (score is not None and score < POOR_BELOW) or bool(faults),
            "price": 0 < bills["mrr_before"] < price
            or (
                before > 0 and after >= RISES_FROM * Fraction(before) and charges <= charges_before
            ),
            "contact": complaints > 0,
        }
        code, record = RECORD.get(answer["answer_text"].strip().lower(), ("unlisted", "unlisted"))
        says = {"none": "not_on_record", "unlisted": "unlisted"}
        return service | {
            "reason_code": code,
            "record_type": record,
            "record_agreement": says.get(record) or ("agrees" if has[record] else "disagrees"),
            "left_at": left_at,
            "mrr_before": price,
            "mrr_before_90d": bills["mrr_before"],
            "revenue_before": after,
            "revenue_before_90d": before,
            "contact_count_before": len(contacts),
            "complaint_count_before": complaints,
            "has_poor_service": has["service"],
            "has_higher_bill": has["price"],
            "has_complaint": has["contact"],
        }


def _quadrant(row: Row) -> str | None:
    if row["stay_outcome"] == "left" or row["spend_outcome"] == "fell":
        return "false_fan" if row["is_satisfied"] else "dissatisfied_leaver"
    if row["stay_outcome"] == "stayed" or row["spend_outcome"] == "kept":
        return "true_fan" if row["is_satisfied"] else "loyal_complainer"
    return None
