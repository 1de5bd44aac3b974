"""What may be wrong with a candidate's tables of the past, and the rules that must say so."""

from __future__ import annotations

from action_faults import OF_LIVES
from gate_candidate import EVENTS, FIRST, VERSIONS

DIFFERS = "the open span says what the profile says"
FOLLOW = "a customer's spans follow each other, and the last is open"

FAILING_OF_HISTORY = {
    # customer_profile_versions
    "a customer that was nothing for a day": (
        f"update {VERSIONS} set valid_to_at = '2025-01-31' where {FIRST} and valid_from_at is null",
        {FOLLOW},
    ),
    "a customer that was two things at a time": (
        f"update {VERSIONS} set valid_to_at = '2025-02-02' where {FIRST} and valid_from_at is null",
        {FOLLOW},
    ),
    "a customer that has ended": (
        f"update {VERSIONS} set valid_to_at = '2025-03-02' where {FIRST} and valid_to_at is null",
        {FOLLOW, DIFFERS},
    ),
    "a span twice": (
        f"insert into {VERSIONS} from {VERSIONS} where {FIRST} and valid_to_at is null",
        {
            "expect_compound_columns_to_be_unique(customer_id, valid_from_at)",
            FOLLOW,
        },
    ),
    "a version of an unknown status and band": (
        f"update {VERSIONS} set customer_status = 'asleep', satisfaction_band = 'happy' "
        f"where {FIRST} and valid_to_at is not null",
        {
            "expect_column_values_to_be_in_set(customer_status)",
            "expect_column_values_to_be_in_set(satisfaction_band)",
        },
    ),
    # customer_events
    "26 an event twice": (
        f"insert into {EVENTS} from {EVENTS} where {FIRST}",
        {"a source has as many events as rows that somebody owned", OF_LIVES},
    ),
    "27 a refund that is in no life": (
        "update intermediate.int_transactions_converted set transaction_type = 'refund' "
        "where transaction_id = 't00'",
        {"a source has as many events as rows that somebody owned"},
    ),
    "an event of nobody": (
        f"update {EVENTS} set customer_id = 'unknown' where {FIRST}",
        {"every customer of an event has a profile", OF_LIVES},
    ),
    "an answer off its scale": (
        f"update {EVENTS} set score = 11 where {FIRST}",
        {"expect_column_values_to_be_between(score)"},
    ),
}
