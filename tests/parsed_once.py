"""dbt's manifest, read once a process and handed out as copies.

dbt reads the whole project anew (five seconds) for each other home, since where the home is stands
in the profile and in the sources, and for each other day among its variables. In tests that would
be most of the time.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Hashable
from typing import Any

from saydo.build import inputs
from saydo.settings import PROJECT, Settings

_READ: dict[Hashable, bytes] = {}


def parsed_once(key: Hashable, parse: Callable[[], Any]) -> Any:
    """A copy of the manifest of that key: a run changes the nodes of its own."""
    from dbt.contracts.graph.manifest import Manifest
    from dbt.mp_context import get_mp_context

    # A manifest can be pickled, but comes back with parts in the wrong places (dbt-core 1.11).
    if key not in _READ:
        _READ[key] = pickle.dumps(vars(parse()) | {"_lock": None})
    copy = Manifest.__new__(Manifest)
    vars(copy).update(pickle.loads(_READ[key]), _lock=get_mp_context().Lock())
    return copy


def parse_for_another_home(real: Callable[..., Any]) -> Callable[..., Any]:
    """`saydo.build.dbt.parse`, read for the first home and told where the others are."""
    first: dict[Hashable, str] = {}

    def parse(settings: Settings, variables: dict[str, Any]) -> Any:
        home = str(settings.home)
        # Nothing is known of a project that a test made, nor of a path that SQL writes otherwise.
        if PROJECT / "dbt_project" != inputs.DBT_PROJECT or "'" in home:
            return real(settings, variables)
        key = json.dumps([settings.engine, variables])
        manifest = parsed_once(key, lambda: real(settings, variables))
        there = first.setdefault(key, home)
        if there != home:
            for nodes in (manifest.sources, manifest.nodes):
                for node in nodes.values():
                    for name in ("config", "meta", "source_meta", "unrendered_config"):
                        if hasattr(node, name):
                            setattr(node, name, _moved(getattr(node, name), there, home))
            # What `graph` is in macros: Spark is told by it where the files of the sources are.
            manifest.flat_graph["sources"] = {
                name: source.to_dict(omit_none=False) for name, source in manifest.sources.items()
            }
        return manifest

    return parse


def _moved(value: Any, there: str, here: str) -> Any:
    """The same with one path for another, in whatever it is made of."""
    if isinstance(value, str):
        return value.replace(there, here) if there in value else value  # which may be an enum
    if isinstance(value, list | tuple):
        return type(value)(_moved(each, there, here) for each in value)
    if isinstance(value, dict):
        return {name: _moved(each, there, here) for name, each in value.items()}
    if hasattr(value, "__dict__"):
        vars(value).update(_moved(vars(value), there, here))
    return value
