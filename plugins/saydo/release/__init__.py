"""Publishing: an audited candidate becomes a release, and readers move to it in one pointer swap.

`published/releases/<release_id>/` is complete before it has its name, and `published/current` is a
relative symlink that is replaced, never edited. A reader with an older release open keeps it.

How a BI tool opens a release (`enable_external_access` is what keeps a SQL box from reading the
server's files)::

    duckdb.connect(
        "published/current/marts.duckdb",
        read_only=True,
        config={"enable_external_access": "false", "lock_configuration": "true"},
    )
"""

from saydo.release.approval import Request, approve, open_request
from saydo.release.difference import ChangedFigure, Difference, compare_releases
from saydo.release.headline import HEADLINE_SQL, Headline, has_metrics, headline
from saydo.release.history import previous_registry, previous_table, releases_table
from saydo.release.keeping import apply_retention, list_releases, rollback
from saydo.release.publishing import configuration_hashes, publish
from saydo.release.store import current_release_id, read_manifest, release_dir, remove_leftovers
from saydo.release.version import code_version

__all__ = [
    "HEADLINE_SQL",
    "ChangedFigure",
    "Difference",
    "Headline",
    "Request",
    "apply_retention",
    "approve",
    "code_version",
    "compare_releases",
    "configuration_hashes",
    "current_release_id",
    "has_metrics",
    "headline",
    "list_releases",
    "open_request",
    "previous_registry",
    "previous_table",
    "publish",
    "read_manifest",
    "release_dir",
    "releases_table",
    "remove_leftovers",
    "rollback",
]
