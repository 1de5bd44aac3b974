"""Why customers changed, in words: the log of ids keeps codes."""

from __future__ import annotations

# What stands after the colon of a code; before it stands the kind of identifier.
_OUTCOMES = {
    "linked": "{kind} links them",
    "contradicted": "both have a {kind}, and what is known of its holders differs",
    "uncorroborated": "both have a {kind}, and nothing says that its holders are one",
    "group_too_large": "{kind} links them, but in a group too large for one person",
}
_LIKENESS = {
    "probabilistic": "they are alike in name, birth date or address",
    "reviewed": "a person decided that they are one",
    "rejected": "a person decided that they are two",
    "contradicted": "they are alike, but identifiers or a decision keep their groups apart",
    "doubtful": "they are alike, and may be two persons of one household",
    "unsure": "they are alike, but less than the policy asks for",
    "group_too_large": "they are alike, but in a group too large for one person",
}
_OTHERS = {
    "accounts:new": "accounts not seen before",
    "links:none_left": "nothing links its accounts any more",
}
_INPUTS = {
    "delivered": "files of accounts delivered",
    "withdrawn": "files of accounts withdrawn",
    "landed_again": "files of accounts landed again",
    "configuration": "feeds or policy changed",
    "code": "another version of Saydo",
}


def in_words(reason: str) -> str:
    """The reason of a change of customers, as a person reads it.

    Args:
        reason: codes as int_identity_changes_detected joins them: `email:linked, inputs:code`.

    Returns:
        the codes in words; the text itself where it holds anything else, as logs of earlier
        versions do.
    """
    told, since = [], []
    for code in reason.split(", "):
        kind, _, outcome = code.partition(":")
        if kind == "inputs" and outcome in _INPUTS:
            since.append(_INPUTS[outcome])
        elif code in _OTHERS:
            told.append(_OTHERS[code])
        elif kind == "likeness" and outcome in _LIKENESS:
            told.append(_LIKENESS[outcome])
        elif kind and outcome in _OUTCOMES:
            told.append(_OUTCOMES[outcome].format(kind=kind))
        else:
            return reason
    news = f"since the release before: {', '.join(since)}" if since else ""
    return "; ".join(part for part in (", ".join(told), news) if part)
