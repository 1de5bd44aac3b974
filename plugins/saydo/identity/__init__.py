"""Who is who: why accounts are one person, read from the warehouse and never written to it.

What decides is in `dbt_project/models/intermediate/identity/`; here it is told to people.
"""

from saydo.identity.explain import explain
from saydo.identity.found import (
    Account,
    Change,
    Explanation,
    Holding,
    Link,
    Ownership,
    Unlinked,
)
from saydo.identity.placeholders import Unidentifying, unidentifying
from saydo.identity.reasons import in_words
from saydo.identity.resolving import Resolved, resolve

__all__ = [
    "Account",
    "Change",
    "Explanation",
    "Holding",
    "Link",
    "Ownership",
    "Resolved",
    "Unidentifying",
    "Unlinked",
    "explain",
    "in_words",
    "resolve",
    "unidentifying",
]
