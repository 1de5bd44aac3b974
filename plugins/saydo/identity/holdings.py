"""The identifiers of a customer, and the customers of an identifier, over time."""

from __future__ import annotations

from typing import Any

from saydo.identity.found import Holding, Ownership, shortened
from saydo.identity.warehouse import Warehouse

# Besides the span itself: what is known of the value, and who had it before.
_SPANS = (
    "select spans.*, counted.is_over_limit, counted.is_placeholder, counted.peak_person_count, "
    "counted.peak_account_count, learnt.person_count, "
    "(select count(distinct others.customer_id) from int_identifiers_resolved as others "
    "where others.id_type = spans.id_type and others.id_key = spans.id_key "
    "and others.customer_id <> spans.customer_id "
    "and coalesce(others.valid_from_at, '-infinity') < coalesce(spans.valid_to_at, 'infinity') "
    "and coalesce(spans.valid_from_at, '-infinity') < coalesce(others.valid_to_at, 'infinity')"
    ") as sharing_count, "
    "(select max_by(others.customer_id, (others.valid_to_at, others.customer_id)) "
    "from int_identifiers_resolved as others "
    "where others.id_type = spans.id_type and others.id_key = spans.id_key "
    "and others.customer_id <> spans.customer_id and others.valid_to_at <= spans.valid_from_at"
    ") as customer_before "
    "from int_identifiers_resolved as spans "
    "left join int_identifiers_counted as counted using (id_type, id_key) "
    "left join int_placeholders_learnt as learnt using (id_type, id_key) "
)


def holdings_of(warehouse: Warehouse, customer_id: str) -> tuple[Holding, ...]:
    """Every span in which a customer holds an identifier other than its accounts' own ids."""
    rows = warehouse.rows(
        f"{_SPANS} where spans.customer_id = ? and spans.id_type <> 'account_id' "
        "order by spans.id_type, spans.id_key, spans.valid_from_at nulls first",
        customer_id,
    )
    return tuple(
        Holding(
            row["id_type"],
            shortened(row["id_key"]),
            row["valid_from_at"],
            row["valid_to_at"],
            _note(row),
        )
        for row in rows
    )


def owners_of(warehouse: Warehouse, id_type: str, id_key: str) -> tuple[Ownership, ...]:
    """Every span in which somebody holds an identifier, oldest first."""
    rows = warehouse.rows(
        f"{_SPANS} where spans.id_type = ? and spans.id_key = ? "
        "order by spans.valid_from_at nulls first, spans.customer_id",
        id_type,
        id_key,
    )
    return tuple(
        Ownership(row["customer_id"], row["valid_from_at"], row["valid_to_at"], _note(row))
        for row in rows
    )


def _note(row: dict[str, Any]) -> str:
    """What the span is worth: whether it owns facts and may link, and if not, why."""
    notes = []
    if row["is_placeholder"]:
        notes.append(f"placeholder: {row['person_count']} or more persons gave it; it is nobody's")
    elif row["is_over_limit"]:
        most = max(row["peak_person_count"], row["peak_account_count"])
        notes.append(f"shared by too many ({most} at one time): it links nobody, owns no facts")
    elif row["is_disputed"]:
        notes.append(f"disputed with {_others(row)}: only one may hold it, it owns no facts")
    elif row["is_shared"]:
        notes.append(f"shared with {_others(row)}: it owns no facts")
    if row["customer_before"] and not row["is_shared"]:
        notes.append(f"was {row['customer_before']}'s before")
    if row["quarantined_until_at"]:
        notes.append(f"links nobody until {row['quarantined_until_at']:%Y-%m-%d}")
    return "; ".join(notes)


def _others(row: dict[str, Any]) -> str:
    count = row["sharing_count"]
    return f"{count} other customer{'' if count == 1 else 's'}"
