"""The canonical source contract: the tables every feed maps onto, and their landed types.

One place says it; landing, the dbt sources, the simulator and the gate suites read it from here.
The types are DuckDB's. `landed_columns` gives the schema of the raw Parquet of a source.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Type = Literal["text", "instant", "date", "boolean", "integer", "money", "number"]

SQL_TYPES: dict[Type, str] = {
    "text": "varchar",
    "instant": "timestamp",  # UTC after landing
    "date": "date",
    "boolean": "boolean",
    "integer": "bigint",
    "money": "decimal(18,6)",  # a unit price has parts of a cent; rounded once, when published
    "number": "decimal(18,6)",  # decimals, so that sums are the same in any order
}

PLUMBING: dict[str, str] = {
    "_feed": "varchar",
    "_batch_id": "varchar",
    "_batch_sequence": "bigint",  # microseconds since the epoch; load order within a feed
    "_line_number": "bigint",
}


@dataclass(frozen=True)
class Column:
    """One canonical column. `restricted` columns never reach raw in clear."""

    name: str
    type: Type = "text"
    is_required: bool = False
    allowed: tuple[str, ...] = ()
    restricted: bool = False  # clear text goes to the restricted store only
    hashed_as: str | None = None  # name of the keyed hash in raw; None: not in raw at all


@dataclass(frozen=True)
class Source:
    """One canonical table.

    `key` is the primary key in raw column names; `event_time` the column that places a row in time
    (null: the row is not an event); `monthly` sources are partitioned by the month of that column.
    """

    name: str
    family: Literal["identity", "survey", "transactions", "network", "interactions"]
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    event_time: str | None = None
    version_column: str | None = None
    monthly: bool = False

    @property
    def has_measures(self) -> bool:
        """Whether the declared measures are columns of this table."""
        return self.name == "network_usage_daily"


def _req(name: str, type_: Type = "text", *allowed: str) -> Column:
    return Column(name, type_, is_required=True, allowed=allowed)


def _opt(name: str, type_: Type = "text", *allowed: str) -> Column:
    return Column(name, type_, allowed=allowed)


# Delivered as (id_type, id_value); raw holds (id_type, id_key).
_WHOSE = (_req("id_type"), Column("id_value", "text", True, (), True, "id_key"))
_ACCOUNT = Column("account_id", "text", True, (), True, "account_key")

SOURCES: dict[str, Source] = {
    source.name: source
    for source in (
        Source(
            "accounts",
            "identity",
            ("account_key", "updated_at"),
            (
                _ACCOUNT,
                _req("opened_at", "instant"),
                _opt("closed_at", "instant"),
                _opt("customer_type", "text", "consumer", "business"),
                _opt("birth_year", "integer"),
                _opt("region_code"),
                _opt("segment_code"),
                _opt("has_analytics_consent", "boolean"),
                _opt("has_marketing_consent", "boolean"),
                _opt("updated_at", "instant"),
                Column("given_name", "text", False, (), True, "given_name_key"),
                Column("family_name", "text", False, (), True),
                Column("birth_date", "date", False, (), True, "birth_date_key"),
                Column("street", "text", False, (), True),
                Column("postcode", "text", False, (), True),
                Column("city", "text", False, (), True),
            ),
            event_time="opened_at",
            version_column="updated_at",
        ),
        Source(
            "account_identifiers",
            "identity",
            ("account_key", "id_type", "id_key", "valid_from_at"),
            (_ACCOUNT, *_WHOSE, _opt("valid_from_at", "instant"), _opt("valid_to_at", "instant")),
        ),
        Source(
            "survey_invitations",
            "survey",
            ("invitation_id",),
            (
                _req("invitation_id"),
                _req("survey_code"),
                _req("wave_date", "date"),
                *_WHOSE,
                _req("invited_at", "instant"),
                _req("status", "text", "sent", "bounced", "opted_out", "completed", "not_sampled"),
                _opt("design_weight", "number"),
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
                _opt("wave_date", "date"),
                *_WHOSE,
                _req("responded_at", "instant"),
                _req("question_code"),
                _opt("score", "number"),
                _opt("scale_min", "number"),
                _opt("scale_max", "number"),
                _opt("is_reversed", "boolean"),
                _opt("answer_text"),
                _opt("design_weight", "number"),
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
                _req("recurring_amount", "money"),
                _req("currency"),
                _req("billing_interval", "text", "day", "week", "month", "quarter", "year"),
                _opt("interval_count", "integer"),
                _req("started_at", "instant"),
                _opt("ended_at", "instant"),
                _opt("contract_ends_at", "instant"),
                _opt("end_reason_code"),
                _opt("updated_at", "instant"),
            ),
            event_time="started_at",
            version_column="updated_at",
        ),
        Source(
            "transactions",
            "transactions",
            ("transaction_id",),
            (
                _req("transaction_id"),
                *_WHOSE,
                _req("occurred_at", "instant"),
                _req(
                    "transaction_type", "text", "charge", "payment", "refund", "credit", "one_off"
                ),
                _opt("product_code"),
                _req("amount", "money"),
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
            "network_incidents",
            "network",
            ("incident_id",),
            (
                _req("incident_id"),
                _req("site_code"),
                _req("started_at", "instant"),
                _opt("ended_at", "instant"),
                _req("severity_code"),
                _opt("cause_type"),
            ),
            event_time="started_at",
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
            (
                _req("experiment_code"),
                *_WHOSE,
                _req("variant_code"),
                _req("assigned_at", "instant"),
            ),
            event_time="assigned_at",
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


def landed_columns(source: Source, measures: tuple[str, ...] = ()) -> dict[str, str]:
    """Raw Parquet schema of a source: column name to DuckDB type, in file order.

    Args:
        source: a canonical table.
        measures: the declared measure names, in order; used by `network_usage_daily` only.
    """
    columns: dict[str, str] = {}
    for column in source.columns:
        if column.restricted:
            if column.hashed_as:
                columns[column.hashed_as] = "varchar"
        else:
            columns[column.name] = SQL_TYPES[column.type]
    if source.has_measures:
        columns |= dict.fromkeys(measures, SQL_TYPES["number"])
    return columns | PLUMBING
