"""What a user may configure: feeds, policy, bets, segments, notices, publish, spark .yml, typed.

Every key is checked; a misspelt one is an error that names the nearest valid key.
"""

from saydo.config.bets import Bets
from saydo.config.dictionaries import (
    BUILT_IN_KPIS,
    BUILT_IN_MEASURES,
    IdentifierType,
    Kpi,
    Measure,
)
from saydo.config.expect import Expect
from saydo.config.feeds import Business, Feed, Feeds
from saydo.config.loading import (
    load_bets,
    load_feeds,
    load_notices,
    load_policy,
    load_publish,
    load_segments,
    load_spark,
)
from saydo.config.notices import NoticesTo
from saydo.config.policy import Policy
from saydo.config.publish import PostgresTarget, Publish, StoreTarget
from saydo.config.segments import Segments
from saydo.config.spark import Spark

__all__ = [
    "BUILT_IN_KPIS",
    "BUILT_IN_MEASURES",
    "Bets",
    "Business",
    "Expect",
    "Feed",
    "Feeds",
    "IdentifierType",
    "Kpi",
    "Measure",
    "NoticesTo",
    "Policy",
    "PostgresTarget",
    "Publish",
    "Segments",
    "Spark",
    "StoreTarget",
    "load_bets",
    "load_feeds",
    "load_notices",
    "load_policy",
    "load_publish",
    "load_segments",
    "load_spark",
]
