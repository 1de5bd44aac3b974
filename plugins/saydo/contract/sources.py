"""The canonical tables, each with its key and its columns."""

from __future__ import annotations

from typing import Any

from saydo.contract.grammar import Column, Source, Type


def _req(name: str, type_: Type = "text", *allowed: str, **may: Any) -> Column:
    return Column(name, type_, is_required=True, allowed=allowed, **may)


def _opt(name: str, type_: Type = "text", *allowed: str, **may: Any) -> Column:
    return Column(name, type_, allowed=allowed, **may)


def _planned(name: str) -> Column:
    return _opt(name, "instant", is_planned=True)


# Delivered as (id_type, id_value), in raw as (id_type, id_key).
_WHOSE = (_req("id_type"), Column("id_value", "text", True, (), True, "id_key", "id_type"))
_TO_WHOM = (
    _req("to_id_type"),
    Column("to_id_value", "text", True, (), True, "to_id_key", "to_id_type"),
)
_TIMES = (_req("started_at", "instant"), _opt("ended_at", "instant"))
_ACCOUNT = Column("account_id", "text", True, (), True, "account_key")
_ASSIGNED_AT = _req("assigned_at", "instant")
_NO_VALUE = "map what stands for no value to null, as in nullif(…, 0)"
_TRANSACTION_TYPES = ("charge", "payment", "refund", "credit", "one_off")
_RELATION_TYPES = ("referral", "household", "same_business", "contact")
_SIGNED_AMOUNT = "transaction_type says which way it went, and a refund of ten is 10: abs(…)"
_WEIGHT = _opt("design_weight", "number", above=0, advice=_NO_VALUE)
_DISCOUNT = "a discount is an add_on; else abs(…)"
_RECURRING = {"least": 0, "but_for": ("product_type", "add_on"), "advice": _DISCOUNT}

SOURCES: dict[str, Source] = {
    source.name: source
    for source in (
        Source(
            "accounts",
            "identity",
            ("account_key", "updated_at"),
            (
                _ACCOUNT,
                _opt("opened_at", "instant"),
                _planned("closed_at"),
                _opt("customer_type", "text", "consumer", "business"),
                _opt("birth_year", "integer", least=1900, most="this year", advice=_NO_VALUE),
                _opt("region_code"),
                _opt("segment_code"),
                _opt("has_analytics_consent", "boolean"),
                _opt("has_marketing_consent", "boolean"),
                _opt("updated_at", "instant"),
                Column("given_name", "text", False, (), True, "given_name_key"),
                Column("family_name", "text", False, (), True),
                Column("birth_date", "date", False, (), True, "birth_date_key"),
                *(Column(name, "text", False, (), True) for name in ("street", "postcode", "city")),
            ),
            event_time="opened_at",
            version_column="updated_at",
            spans=(("opened_at", "closed_at"),),
            silence_ends="closed_at",
        ),
        Source(
            "account_identifiers",
            "identity",
            ("account_key", "id_type", "id_key", "valid_from_at"),
            (_ACCOUNT, *_WHOSE, _planned("valid_from_at"), _planned("valid_to_at")),
            spans=(("valid_from_at", "valid_to_at"),),
            silence_ends="valid_to_at",
        ),
        Source(
            "survey_invitations",
            "survey",
            ("invitation_id",),
            (
                _req("invitation_id"),
                _req("survey_code"),
                _req("wave_date", "date", is_planned=True),
                *_WHOSE,
                _req("invited_at", "instant"),
                _req("status", "text", "sent", "bounced", "opted_out", "completed", "not_sampled"),
                _WEIGHT,
            ),
            event_time="invited_at",
        ),
        Source(
            "survey_responses",
            "survey",
            ("response_id", "question_code"),
            (
                _req("response_id"),
                _opt("invitation_id"),
                _req("survey_code"),
                _opt("wave_date", "date", is_planned=True),
                *_WHOSE,
                _req("responded_at", "instant"),
                _req("question_code"),
                _opt("score", "number"),
                _opt("scale_min", "number"),
                _opt("scale_max", "number"),
                _opt("is_reversed", "boolean"),
                _opt("answer_text"),
                _WEIGHT,
            ),
            event_time="responded_at",
        ),
        Source(
            "subscriptions",
            "transactions",
            ("subscription_id", "started_at"),
            (
                _req("subscription_id"),
                *_WHOSE,
                _req("product_code"),
                _req("product_type", "text", "plan", "add_on", "device"),
                _req("recurring_amount", "money", **_RECURRING),
                _req("currency"),
                _req("billing_interval", "text", "day", "week", "month", "quarter", "year"),
                _opt("interval_count", "integer", least=1, advice=_NO_VALUE),
                _req("started_at", "instant", is_planned=True),
                _planned("ended_at"),
                _planned("contract_ends_at"),
                _opt("end_reason_code"),
                _opt("updated_at", "instant"),
            ),
            event_time="started_at",
            version_column="updated_at",
            spans=(("started_at", "ended_at"), ("started_at", "contract_ends_at")),
            silence_ends="ended_at",
        ),
        Source(
            "transactions",
            "transactions",
            ("transaction_id",),
            (
                _req("transaction_id"),
                *_WHOSE,
                _req("occurred_at", "instant"),
                _req("transaction_type", "text", *_TRANSACTION_TYPES),
                _opt("product_code"),
                _req("amount", "money", least=0, advice=_SIGNED_AMOUNT),
                _req("currency"),
            ),
            event_time="occurred_at",
            monthly=True,
        ),
        Source(
            "network_usage_daily",
            "network",
            ("id_type", "id_key", "usage_date", "site_code"),
            (*_WHOSE, _req("usage_date", "date"), _opt("site_code")),
            event_time="usage_date",
            monthly=True,
        ),
        Source(
            "network_sessions",
            "network",
            ("session_id",),
            (_req("session_id"), *_WHOSE, *_TIMES, _opt("site_code")),
            event_time="started_at",
            monthly=True,
            spans=(("started_at", "ended_at"),),
        ),
        Source(
            "network_incidents",
            "network",
            ("incident_id",),
            (
                _req("incident_id"),
                _req("site_code"),
                _req("started_at", "instant"),
                _planned("ended_at"),
                _req("severity_code"),
                _opt("cause_type"),
            ),
            event_time="started_at",
            spans=(("started_at", "ended_at"),),
        ),
        Source(
            "interactions",
            "interactions",
            ("interaction_id",),
            (
                _req("interaction_id"),
                *_WHOSE,
                _req("occurred_at", "instant"),
                _req("channel_code"),
                _req("interaction_type"),
                _opt("topic_code"),
                _opt("is_resolved", "boolean"),
            ),
            event_time="occurred_at",
        ),
        Source(
            "experiment_assignments",
            "interactions",
            ("experiment_code", "id_type", "id_key"),
            (_req("experiment_code"), *_WHOSE, _req("variant_code"), _ASSIGNED_AT),
            event_time="assigned_at",
        ),
        Source(
            "relationships",
            "interactions",
            ("id_type", "id_key", "to_id_type", "to_id_key", "relation_type", "since_at"),
            (
                *_WHOSE,
                *_TO_WHOM,
                _req("relation_type", "text", *_RELATION_TYPES),
                _req("since_at", "instant"),
                _planned("until_at"),
                _opt("weight", "number", above=0, advice=_NO_VALUE),
            ),
            event_time="since_at",
            spans=(("since_at", "until_at"),),
        ),
        Source(
            "erasure_requests",
            "identity",
            ("request_id",),
            (_req("request_id"), *_WHOSE, _req("requested_at", "instant")),
            event_time="requested_at",
        ),
    )
}
