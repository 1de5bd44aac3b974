"""Landing: one mapped task per feed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from saydo.operators.base import SaydoOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

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
