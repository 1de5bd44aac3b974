"""Publishing: the candidate becomes the release that BI reads, and other DAGs hear of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset

from saydo.operators.base import SaydoOperator
from saydo.operators.build import CandidateOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from saydo.settings import Settings

# What other teams' DAGs hang on: an event of it says that a release was published, and which.
RELEASE = Asset("saydo_release")


class PublishReleaseOperator(CandidateOperator):
    """Publish the candidate; the outlet asset carries which release, of which day, how large."""

    def call(self, settings: Settings, context: Context) -> dict[str, Any]:
        """release_id, as_of_date, row_counts, content_hash, is_current."""
        from saydo.release import publish

        published = publish(settings, self.check_candidate(settings))
        for asset in self.outlets:
            context["outlet_events"][asset].extra = {
                name: published[name] for name in ("release_id", "as_of_date", "row_counts")
            }
        return published


class ServeReleaseOperator(SaydoOperator):
    """Serve the current release from PostgreSQL and an object store, where they are configured."""

    def call(self, settings: Settings, context: Context) -> dict[str, Any]:
        """What each place serves, in counts; or that the files alone serve."""
        from saydo.serve.following import serve

        return serve(settings) or {"skipped": "no PostgreSQL and no object store is configured"}


class WriteReportOperator(SaydoOperator):
    """Write the release's report beside its tables."""

    template_fields: Sequence[str] = ("release_id",)

    def __init__(
        self,
        *,
        release_id: str = "{{ ti.xcom_pull(task_ids='publish_release')['release_id'] }}",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.release_id = release_id

    def call(self, settings: Settings, context: Context) -> dict[str, Any]:
        """Where the report is."""
        from saydo.report import write_report

        return {"report": str(write_report(settings, self.release_id))}
