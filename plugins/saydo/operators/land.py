"""Landing: one mapped task per feed, after what is collected for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from saydo.operators.base import SaydoOperator
from saydo.operators.collect import CollectOperator, ListPipelinesOperator

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator, Context, XComArg

    from saydo.settings import Settings


class ListFeedsOperator(SaydoOperator):
    """The feed names of feeds.yml; checked here, so that a misspelt key stops the run at once.

    What was landed before and is not as feeds.yml says is told here, before anything is landed.
    """

    def call(self, settings: Settings, context: Context) -> list[str]:
        """Feed names, in the order of the file."""
        from saydo.build import check_configuration
        from saydo.landing import look_back
        from saydo.notices import forget
        from saydo.operators.sending import check_connections

        forget(settings)
        names = check_configuration(settings)
        check_connections(settings)
        look_back(settings)
        return names


class LandFeedOperator(SaydoOperator):
    """Land the new files of one feed."""

    template_fields: Sequence[str] = ("feed_name",)

    def __init__(self, *, feed_name: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.feed_name = feed_name

    def call(self, settings: Settings, context: Context) -> dict[str, Any]:
        """Counts of what was delivered, loaded, quarantined and already known."""
        from saydo.landing import land_feed

        return land_feed(settings, self.feed_name)


def collect_and_land() -> list[BaseOperator | XComArg]:
    """The tasks that fetch and land, in order. Where no pipeline is configured, none is fetched:
    Airflow then skips `collect`, and `land` goes on.
    """
    feeds = ListFeedsOperator(task_id="list_feeds").output
    pipelines = ListPipelinesOperator(task_id="list_pipelines").output
    collect = CollectOperator.partial(task_id="collect", map_index_template="{{ task.pipeline }}")
    land = LandFeedOperator.partial(
        task_id="land", map_index_template="{{ task.feed_name }}", trigger_rule="none_failed"
    )
    return [feeds, pipelines, collect.expand(pipeline=pipelines), land.expand(feed_name=feeds)]
