"""The figures of customer_profiles computed again, fact by fact, from what its YAML says."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from oracle import SIGN, Oracle, experience

Row = dict[str, Any]
DISSATISFIED_BELOW, FAN_FROM = 5, 9
FAULT_MINUTES, SHIFT_RATIO, CONTRACT_DAYS, FRESH_DAYS = 30, Fraction(1, 2), 60, 3


class ProfileOracle(Oracle):
    """Facts by customer, and one method a figure; `ago` counts days before the as-of day."""

    def __init__(self, rows: Any, zone: str, as_of: date):
        super().__init__(rows, zone, as_of)
        self.end = self.begin_of(as_of + timedelta(days=1))
        self.accounts: dict[str, list[Row]] = defaultdict(list)
        for row in rows(
            "select customer_id, versions.* from staging.stg_identity__accounts as versions "
            "inner join intermediate.int_accounts_resolved using (account_key)"
        ):
            self.accounts[row["customer_id"]].append(row)
        self.begun: dict[str, datetime] = {
            row["account_key"]: row["began_at"]
            for row in rows(
                "select account_key, min(valid_from_at) as began_at "
                "from staging.stg_identity__account_identifiers group by account_key"
            )
        }
        self.charges = self._facts("stg_transactions__transactions", "occurred_at")
        self.contacts = self._facts("stg_interactions__interactions", "occurred_at")
        self.subscriptions = self._facts("stg_transactions__subscriptions", "started_at")
        self.answers = self._facts("stg_survey__responses", "responded_at")
        self.usage: dict[str | None, list[Row]] = defaultdict(list)
        for row in rows("select * from staging.stg_network__usage_daily"):
            self.usage[self.owner_on(row, row["usage_date"])].append(row)

    def _facts(self, table: str, at: str) -> dict[str | None, list[Row]]:
        facts: dict[str | None, list[Row]] = defaultdict(list)
        for row in self.rows(f"select * from staging.{table}"):
            facts[self.owner(row, row[at])].append(row | {"ago": self.ago(row[at])})
        return facts

    def begin_of(self, day: date) -> datetime:
        """UTC instant of the day's begin."""
        return datetime.combine(day, time(), self.zone).astimezone(UTC).replace(tzinfo=None)

    def ago(self, instant: datetime) -> int:
        return (self.as_of - self.local(instant).date()).days

    def differences(self, profiles: list[Row]) -> list[tuple[str, str, Any, Any]]:
        """(customer, figure, published, expected) of whatever is published otherwise."""
        return [
            (row["customer_id"], name, row[name], expected)
            for row in profiles
            for name, expected in self.figures(row["customer_id"]).items()
            if not _same(row[name], expected)
        ]

    def figures(self, customer: str) -> Row:
        recent, earlier = self._used(customer, 0, 30), self._used(customer, 0, 90)
        kpis = experience(recent)
        known = {name: score for name, score in kpis.scores.items() if score is not None}
        return {
            "revenue_90d": self._revenue(customer, 0, 90),
            "revenue_previous_90d": self._revenue(customer, 90, 180),
            "experience_score_30d": kpis.mean,
            "experience_score_90d": experience(earlier).mean,
            "worst_kpi_code": min(known, key=lambda name: known[name]) if known else None,
            "fault_day_count_30d": kpis.fault_days(FAULT_MINUTES) if recent else None,
            "traffic_mb_30d": _total(recent, "traffic_mb"),
            "new_service_count_90d": sum(
                span["ago"] < 90 and self._is_new(customer, span)
                for span in self.subscriptions[customer]
            ),
            "flux_reasons": ",".join(self._reasons(customer)) or None,
            "has_analytics_consent": self._consents(customer, "has_analytics_consent"),
            "has_marketing_consent": self._consents(customer, "has_marketing_consent"),
        } | self._seen(customer)

    def _used(self, customer: str, least: int, most: int) -> list[Row]:
        return [
            row
            for row in self.usage[customer]
            if least <= (self.as_of - row["usage_date"]).days < most
        ]

    def _revenue(self, customer: str, least: int, most: int) -> Decimal:
        charged = (row for row in self.charges[customer] if least <= row["ago"] < most)
        return sum((SIGN[row["transaction_type"]] * row["amount"] for row in charged), Decimal(0))

    def _is_active(self, span: Row) -> bool:
        return span["ended_at"] is None or span["ended_at"] >= self.end

    def _replaced(self, customer: str, span: Row) -> list[Row]:
        """Plans that ended within a day of when this plan began."""
        return [
            other
            for other in self.subscriptions[customer]
            if span["product_type"] == other["product_type"] == "plan"
            and other["started_at"] < span["started_at"]
            and other["ended_at"] is not None
            and abs(other["ended_at"] - span["started_at"]) <= timedelta(days=1)
        ]

    def _is_new(self, customer: str, span: Row) -> bool:
        first = min(
            other["started_at"]
            for spans in self.subscriptions.values()
            for other in spans
            if other["subscription_id"] == span["subscription_id"]
        )
        return span["started_at"] == first and not self._replaced(customer, span)

    def _reasons(self, customer: str) -> list[str]:
        signs = {
            "contract_ending": self._contract_ends(customer),
            "plan_changed": any(
                span["ago"] < 30 and other["product_code"] != span["product_code"]
                for span in self.subscriptions[customer]
                for other in self._replaced(customer, span)
            ),
            "usage_shift": self._has_shifted(customer),
            "moved_region": self._has_moved(customer),
            "complained": any(
                row["interaction_type"] == "complaint" and row["ago"] < 30
                for row in self.contacts[customer]
            ),
            "band_fell": self._has_fallen(customer),
            "lapsed_add_on": self._has_lapsed(customer),
        }
        return [name for name, is_there in signs.items() if is_there]

    def _contract_ends(self, customer: str) -> bool:
        """The contract that ends next; if all have run out, the last."""
        ends = [
            span["contract_ends_at"]
            for span in self.subscriptions[customer]
            if self._is_active(span) and span["contract_ends_at"]
        ]
        ahead = [end for end in ends if end >= self.end]
        end = min(ahead) if ahead else max(ends, default=None)
        return end is not None and 0 <= -self.ago(end) <= CONTRACT_DAYS

    def _has_shifted(self, customer: str) -> bool:
        newest = max(row["usage_date"] for rows in self.usage.values() for row in rows)
        if (self.as_of - newest).days > FRESH_DAYS:
            return False  # the feed stopped, not the customer
        used = self._used(customer, 0, 30)
        recent = _total(used, "traffic_mb") if used else Decimal(0)
        before = _total(self._used(customer, 30, 90), "traffic_mb")
        if recent is None or not before:
            return False
        return abs(Fraction(recent) - Fraction(before) / 2) >= SHIFT_RATIO * Fraction(before) / 2

    def _has_moved(self, customer: str) -> bool:
        versions: dict[str, list[Row]] = defaultdict(list)
        for row in self.accounts[customer]:
            if row["region_code"] is not None:
                versions[row["account_key"]].append(row)
        moved = [
            row["updated_at"] or row["opened_at"]
            for rows in versions.values()
            for before, row in _pairs(sorted(rows, key=_written))
            if before["region_code"] != row["region_code"]
        ]
        return any(self.ago(at) < 30 for at in moved if at)

    def _has_fallen(self, customer: str) -> bool:
        ordered = sorted(
            self.answers[customer], key=lambda row: (row["responded_at"], row["response_id"])
        )[-2:]
        if len(ordered) < 2 or ordered[1]["ago"] >= 90:
            return False
        earlier, later = (
            (row["score"] >= DISSATISFIED_BELOW) + (row["score"] >= FAN_FROM) for row in ordered
        )
        return later < earlier

    def _has_lapsed(self, customer: str) -> bool:
        spans = self.subscriptions[customer]
        alive = {span["subscription_id"] for span in spans if self._is_active(span)}
        return bool(alive) and any(
            span["product_type"] == "add_on"
            and span["subscription_id"] not in alive
            and self.ago(span["ended_at"]) < 30
            for span in spans
        )

    def _consents(self, customer: str, name: str) -> bool:
        """Every open account says yes; none, open or closed, says no."""
        newest = {row["account_key"]: row for row in sorted(self.accounts[customer], key=_written)}
        is_open = {
            key: row["closed_at"] is None or row["closed_at"] >= self.end
            for key, row in newest.items()
        }
        said = [row[name] for key, row in newest.items() if is_open[key] or row[name] is not None]
        return bool(said) and all(said)

    def _seen(self, customer: str) -> Row:
        instants = [row["opened_at"] for row in self.accounts[customer] if row["opened_at"]]
        for facts, at in (
            (self.charges, "occurred_at"), (self.contacts, "occurred_at"),
            (self.subscriptions, "started_at"), (self.answers, "responded_at"),
        ):  # fmt: skip
            instants += [row[at] for row in facts[customer]]
        instants += [self.begin_of(row["usage_date"]) for row in self.usage[customer]]
        if instants:
            return {"first_seen_at": min(instants), "last_seen_at": max(instants)}
        newest = {row["account_key"]: row for row in sorted(self.accounts[customer], key=_written)}
        known = [self.begun.get(key) or row["updated_at"] for key, row in newest.items()]
        first = min((at for at in known if at), default=None)
        return {"first_seen_at": first, "last_seen_at": first}


def _same(published: Any, expected: Any) -> bool:
    if isinstance(published, Decimal) and expected is not None:
        return abs(published - expected) <= Decimal("0.0001")  # scores are floats until rounded
    return published == expected


def _written(row: Row) -> datetime:
    return row["updated_at"] or datetime.min


def _pairs(rows: list[Row]) -> list[tuple[Row, Row]]:
    return list(pairwise(rows))


def _total(rows: list[Row], name: str) -> Decimal | None:
    known = [row[name] for row in rows if row[name] is not None]
    return sum(known, Decimal(0)) if known else None
