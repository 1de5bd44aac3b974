"""Links between accounts that share no identifier, proposed from likeness of their clear text.

Optional: on by `linkage.is_on` in policy.yml, with the extra `saydo[linkage]` (Splink). Clear text
is read from the restricted store and compared in memory; only pairs of account keys leave it.
Splink is imported when it is needed and not before.
"""

from saydo.identity.linkage.decisions import (
    Decision,
    decide,
    decisions_hash,
    read_decisions,
)
from saydo.identity.linkage.likeness import COMPARED_ACCOUNTS, compared_file
from saydo.identity.linkage.links import (
    PROPOSED_LINKS,
    check_linkage,
    empty_links,
    forget_accounts,
    links_file,
    propose_links,
)
from saydo.identity.linkage.review import Proposal, pending, resolve_pair

__all__ = [
    "COMPARED_ACCOUNTS",
    "PROPOSED_LINKS",
    "Decision",
    "Proposal",
    "check_linkage",
    "compared_file",
    "decide",
    "decisions_hash",
    "empty_links",
    "forget_accounts",
    "links_file",
    "pending",
    "propose_links",
    "read_decisions",
    "resolve_pair",
]
