"""What a user may configure: feeds.yml and policy.yml, typed.

Every key is checked; a misspelt one is an error that names the nearest valid key.
"""

from saydo.config.dictionaries import (
    BUILT_IN_KPIS,
    BUILT_IN_MEASURES,
    IdentifierType,
    Kpi,
    Measure,
)
from saydo.config.feeds import Business, Expect, Feed, Feeds
from saydo.config.loading import load_feeds, load_policy
from saydo.config.policy import Policy

__all__ = [
    "BUILT_IN_KPIS",
    "BUILT_IN_MEASURES",
    "Business",
    "Expect",
    "Feed",
    "Feeds",
    "IdentifierType",
    "Kpi",
    "Measure",
    "Policy",
    "load_feeds",
    "load_policy",
]
