"""Acting on what a release says, once: decisions, the hand-over of them, and forgetting them.

A decision is a row that is added and never changed. It is about an account, so that a merge, a
rollback or ids minted anew do not make it be taken again; whose the account is now, is looked up.
"""

from saydo.actions.audiences import (
    AudienceProposal,
    decide_audiences,
    hand_over_audiences,
    propose_audiences,
    segment_sizes,
)
from saydo.actions.deciding import (
    POLICY_CODE,
    Candidate,
    Earlier,
    arm_of,
    decide,
    policy_hash,
)
from saydo.actions.forgetting import forget_customers
from saydo.actions.handing_over import OUTBOX, hand_over, outbox, record_hand_overs
from saydo.actions.recovering import Proposal, decide_credits, decisions_of, propose_credits
from saydo.actions.store import AUDIENCES, CREDITS, HAND_OVERS, decided_hash

__all__ = [
    "AUDIENCES",
    "CREDITS",
    "HAND_OVERS",
    "OUTBOX",
    "POLICY_CODE",
    "AudienceProposal",
    "Candidate",
    "Earlier",
    "Proposal",
    "arm_of",
    "decide",
    "decide_audiences",
    "decide_credits",
    "decided_hash",
    "decisions_of",
    "forget_customers",
    "hand_over",
    "hand_over_audiences",
    "outbox",
    "policy_hash",
    "propose_audiences",
    "propose_credits",
    "record_hand_overs",
    "segment_sizes",
]
