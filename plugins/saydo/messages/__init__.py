"""Messages to people: which facts of a run are told, each once, and to whom; sent by operators."""

from saydo.messages.facts import late, of_failure, published, refusals
from saydo.messages.message import TRIAL, Message
from saydo.messages.outbox import (
    Pending,
    add,
    is_resting,
    pending,
    record_failure,
    record_sent,
    sending,
)

__all__ = [
    "TRIAL",
    "Message",
    "Pending",
    "add",
    "is_resting",
    "late",
    "of_failure",
    "pending",
    "published",
    "record_failure",
    "record_sent",
    "refusals",
    "sending",
]
