"""Landing: delivered files become typed, pseudonymised, reconciled batches in raw/."""

from saydo.landing.expressions import validate_expression
from saydo.landing.feed import land_all, land_feed
from saydo.landing.ledger import Batch, read_ledger, write_entry
from saydo.landing.pseudonyms import hash_identifier, pseudonym_key
from saydo.landing.raw import prepare_raw

__all__ = [
    "Batch",
    "hash_identifier",
    "land_all",
    "land_feed",
    "prepare_raw",
    "pseudonym_key",
    "read_ledger",
    "validate_expression",
    "write_entry",
]
