"""The project's documentation as one page, which a release takes along.

It is dbt's own page, with what dbt knows of the project written into it as `dbt docs generate
--static` would. That would write down where things are on this machine, too, and much that the page
does not show: it is left out here.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from saydo.build.dbt import document
from saydo.durable import replace_text
from saydo.errors import SaydoError
from saydo.notices import Notice, tell
from saydo.settings import Settings

log = logging.getLogger(__name__)

# Of a node: where it is on this machine, when it was read, and what the page does not show.
_LEFT_OUT = {
    "build_path",
    "checksum",
    "compiled_path",
    "config_call_dict",
    "created_at",
    "relation_name",
    "root_path",
    "source_meta",
    "unrendered_config",
    "unrendered_config_call_dict",
}
_PLACES = {"external_location", "location", "location_root"}  # of a configuration
# The rest of the metadata names a user, a run and its environment.
_METADATA = ("adapter_type", "dbt_schema_version", "dbt_version", "generated_at", "project_name")
# The page needs nothing from elsewhere, and gets nothing: its templates are code, hence the eval.
_POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data:; "
    'font-src data:">'
)
_MANIFEST, _CATALOG = '"MANIFEST.JSON INLINE DATA"', '"CATALOG.JSON INLINE DATA"'


def docs_page(settings: Settings) -> Path:
    """Where the page of the candidate is, if it has one."""
    return settings.state / "docs" / "index.html"


def write_docs(settings: Settings, variables: dict[str, Any]) -> None:
    """Write the page of the candidate that was just built.

    A page that cannot be made is a notice, and the release goes without: it is about the figures.
    """
    notices = []
    try:
        # The candidate is DuckDB's, whichever engine built its tables.
        embedded = settings.model_copy(update={"engine": "duckdb"})
        replace_text(docs_page(settings), render(*document(embedded, variables)))
    except SaydoError as error:
        docs_page(settings).unlink(missing_ok=True)
        log.warning("no documentation: %s", error)
        notices.append(
            Notice("the page of documentation could not be made", "docs", None, str(error))
        )
    tell(settings, "docs", notices)


def render(page: str, manifest: dict[str, Any], catalog: dict[str, Any]) -> str:
    """dbt's page with the manifest and the catalog in it; it loads nothing and names no machine.

    Raises:
        SaydoError: the page of this version of dbt has no place for them.
    """
    head, manifest_at, rest = page.partition(_MANIFEST)
    between, catalog_at, tail = rest.partition(_CATALOG)
    if not (manifest_at and catalog_at):
        raise SaydoError("dbt's page has no place for the manifest: was dbt-core updated?")
    head = head.replace("<head>", f"<head>{_POLICY}", 1)
    shown = {
        name: {
            key: _shown(entry) if isinstance(entry, dict) else entry for key, entry in part.items()
        }
        for name, part in manifest.items()
        if isinstance(part, dict) and name != "disabled"
    }
    shown |= {"metadata": _known(manifest["metadata"]), "disabled": {}}
    told = catalog | {"metadata": _known(catalog["metadata"])}
    return f"{head}{_inline(shown)}{between}{_inline(told)}{tail}"


def _shown(entry: dict[str, Any]) -> dict[str, Any]:
    """A node without what it says of this machine."""
    kept = {key: value for key, value in entry.items() if key not in _LEFT_OUT}
    for key in ("config", "meta"):
        if isinstance(kept.get(key), dict):
            kept[key] = _unplaced(kept[key])
    return kept


def _unplaced(told: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _unplaced(value) if key == "meta" and isinstance(value, dict) else value
        for key, value in told.items()
        if key not in _PLACES
    }


def _known(metadata: dict[str, Any]) -> dict[str, Any]:
    return {key: metadata[key] for key in _METADATA if key in metadata}


def _inline(content: dict[str, Any]) -> str:
    """JSON that may stand in a script: no text in it can end that."""
    return json.dumps(content, default=str, separators=(",", ":")).replace("</", "<\\/")
