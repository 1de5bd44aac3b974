"""Airflow shells: each `execute` calls one pure function and returns a small dict."""

from saydo.operators.approve import ApproveReleaseOperator
from saydo.operators.base import DEFAULT_ARGS, ONE_WRITER
from saydo.operators.build import BuildLayerOperator, BuildStagingOperator
from saydo.operators.collect import CollectOperator, ListPipelinesOperator
from saydo.operators.gate import CheckSourcesOperator, GateMartsOperator
from saydo.operators.home import chain_in_held_home
from saydo.operators.land import LandFeedOperator, ListFeedsOperator, collect_and_land
from saydo.operators.maintain import MaintainOperator
from saydo.operators.recover import (
    DeliverAudiencesOperator,
    DeliverCreditsOperator,
    RecoverOperator,
)
from saydo.operators.release import (
    RELEASE,
    PublishReleaseOperator,
    ServeReleaseOperator,
    WriteReportOperator,
)
from saydo.operators.telling import describe_failure

__all__ = [
    "DEFAULT_ARGS",
    "ONE_WRITER",
    "RELEASE",
    "ApproveReleaseOperator",
    "BuildLayerOperator",
    "BuildStagingOperator",
    "CheckSourcesOperator",
    "CollectOperator",
    "DeliverAudiencesOperator",
    "DeliverCreditsOperator",
    "GateMartsOperator",
    "LandFeedOperator",
    "ListFeedsOperator",
    "ListPipelinesOperator",
    "MaintainOperator",
    "PublishReleaseOperator",
    "RecoverOperator",
    "ServeReleaseOperator",
    "WriteReportOperator",
    "chain_in_held_home",
    "collect_and_land",
    "describe_failure",
]
