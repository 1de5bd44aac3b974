"""Landing: delivered files become typed, pseudonymised, reconciled batches in raw/."""

from saydo.landing.check import Problem, check_feeds, examine_feeds
from saydo.landing.commit import remove_batch
from saydo.landing.deadlines import Due, expected_by_as_of, late_by_now
from saydo.landing.expressions import validate_expression
from saydo.landing.feed import land_all, land_feed
from saydo.landing.ledger import Batch, current_batches, read_ledger, write_entry
from saydo.landing.pseudonyms import hash_identifier, pseudonym_key
from saydo.landing.quarantine import QuarantineRow, quarantine_summary
from saydo.landing.raw import change_entry, prepare_raw, recover_all
from saydo.landing.relanding import look_back, outlook
from saydo.landing.replay import replay_batch
from saydo.landing.withdrawal import withdraw_batch, withdraw_feed

__all__ = [
    "Batch",
    "Due",
    "Problem",
    "QuarantineRow",
    "change_entry",
    "check_feeds",
    "current_batches",
    "examine_feeds",
    "expected_by_as_of",
    "hash_identifier",
    "land_all",
    "land_feed",
    "late_by_now",
    "look_back",
    "outlook",
    "prepare_raw",
    "pseudonym_key",
    "quarantine_summary",
    "read_ledger",
    "recover_all",
    "remove_batch",
    "replay_batch",
    "validate_expression",
    "withdraw_batch",
    "withdraw_feed",
    "write_entry",
]
