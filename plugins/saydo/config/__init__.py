"""What a user may configure: the files of config/, each key typed.

Every key is checked; a misspelt one is an error that names the nearest valid key.
"""

from saydo.config.bets import Bets
from saydo.config.collect import Collect, Pipeline
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
    load_collect,
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
    "Collect",
    "Expect",
    "Feed",
    "Feeds",
    "IdentifierType",
    "Kpi",
    "Measure",
    "NoticesTo",
    "Pipeline",
    "Policy",
    "PostgresTarget",
    "Publish",
    "Segments",
    "Spark",
    "StoreTarget",
    "load_bets",
    "load_collect",
    "load_feeds",
    "load_notices",
    "load_policy",
    "load_publish",
    "load_segments",
    "load_spark",
]
