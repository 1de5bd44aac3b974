"""What may be wrong with a candidate's segments: (SQL, rules that fail)."""

from __future__ import annotations

MEMBERSHIPS = "marts.segment_memberships"

# The second customer is in, the third came back, and is no more in what was taken out.
TABLES = f"""
create table {MEMBERSHIPS} (
    customer_id varchar, segment_code varchar, reason varchar, is_current boolean,
    entered_at timestamp, left_at timestamp
);
insert into {MEMBERSHIPS} values
    ('c_0000000000000002', 'at_risk', 'member', true, '2025-03-01', null),
    ('c_0000000000000003', 'at_risk', 'left', false, '2025-01-01', '2025-02-01'),
    ('c_0000000000000003', 'at_risk', 'no_consent', true, '2025-03-01', null),
    ('c_0000000000000003', 'old', 'segment_removed', false, '2025-01-01', '2025-02-01');
"""
_STANDS = "a span is open and says who may be handed over, or ended and says why"
_OVERLAP = "spans of a customer in a segment do not overlap"
_PROFILE = "everybody in a segment has a profile"

FAILING = {
    "a membership twice": (
        f"insert into {MEMBERSHIPS} from {MEMBERSHIPS} where reason = 'member'",
        {"expect_compound_columns_to_be_unique(customer_id, segment_code, entered_at)"},
    ),
    "a membership for a reason that nobody knows": (
        f"update {MEMBERSHIPS} set reason = 'liked' where reason = 'left'",
        {"expect_column_values_to_be_in_set(reason)"},
    ),
    "a membership without a begin": (
        f"update {MEMBERSHIPS} set entered_at = null where reason = 'member'",
        {"expect_column_values_to_not_be_null(entered_at)"},
    ),
    "one who left and is a member still": (
        f"update {MEMBERSHIPS} set left_at = '2025-03-05' where reason = 'member'",
        {_STANDS},
    ),
    "one who came back before leaving": (
        f"update {MEMBERSHIPS} set left_at = '2025-03-05' where reason = 'left'",
        {_OVERLAP},
    ),
    "a customer in a segment who is no more": (
        f"update {MEMBERSHIPS} set customer_id = 'c_0000000000000009' where reason = 'member'",
        {_PROFILE},
    ),
}
