"""Acting on what a release says, once: decisions, the hand-over of them, and forgetting them.

A decision is a row that is added and never changed. It is about an account, so that a merge, a
rollback or ids minted anew do not make it be taken again; whose the account is now, is looked up.
"""

from saydo.actions.deciding import Candidate, Earlier, arm_of, decide, policy_hash
from saydo.actions.forgetting import forget_customers
from saydo.actions.handing_over import OUTBOX, hand_over, outbox, record_hand_overs
from saydo.actions.recovering import Proposal, decide_credits, decisions_of, propose_credits
from saydo.actions.store import CREDITS, HAND_OVERS, decided_hash

__all__ = [
    "CREDITS",
    "HAND_OVERS",
    "OUTBOX",
    "Candidate",
    "Earlier",
    "Proposal",
    "arm_of",
    "decide",
    "decide_credits",
    "decided_hash",
    "decisions_of",
    "forget_customers",
    "hand_over",
    "outbox",
    "policy_hash",
    "propose_credits",
    "record_hand_overs",
]
