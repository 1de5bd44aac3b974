"""Collecting a pipeline: each of its parts on its own, so that one that fails costs no other."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from saydo.collect.access import ANYBODY, Access, Connections
from saydo.collect.delivering import Part
from saydo.collect.extracting import dlt_kept_apart
from saydo.collect.found import Found
from saydo.config import Pipeline
from saydo.errors import ConfigError, DeliveryRefused, SaydoError
from saydo.notices import Notice, tell
from saydo.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tried:
    """What `check_pipeline` saw of a part, or what is wrong with it."""

    part: str
    is_good: bool
    said: str


def collect_pipeline(settings: Settings, name: str, connections: Connections) -> dict[str, Any]:
    """Fetch what is new of a pipeline into landing/. What cannot be had is tried again next time.

    Args:
        settings: where things are; collect.yml.
        name: a pipeline of it.
        connections: finds the connection that it names.

    Returns:
        {pipeline, file_count, row_count, files: names below landing/}.

    Raises:
        ConfigError: collect.yml or the connection is wrong, or a right is missing.
        DeliveryRefused: rows may not be delivered as they are.
        SaydoError: the source cannot be had now. In each case the other parts were delivered; a
            pipeline with `on_failure: go_on_without` tells of it instead.
    """
    pipeline = settings.collect.pipeline(name)
    access = connections(pipeline.connection) if pipeline.connection else ANYBODY
    founds: list[Found] = []
    failed: list[SaydoError] = []
    for part_name, work in _works(pipeline, access).items():
        part = Part(settings, pipeline, part_name)
        part.begin()
        try:
            with _apart(settings, pipeline):
                founds.append(work(part))
        except SaydoError as error:
            failed.append(error)
        finally:
            part.discard()
        if founds and founds[-1].where == part.where:
            log.info("%s: %d rows in %s", part.where, founds[-1].row_count, founds[-1].files)
    notices = [notice for found in founds for notice in found.notices]
    if pipeline.on_failure == "go_on_without":
        notices += [Notice(f"not collected: {error}", name) for error in failed]
        failed = []
    tell(settings, f"collect {name}", notices)
    if failed:
        raise _worst(failed)("\n".join(str(error) for error in failed))
    return {
        "pipeline": name,
        "file_count": sum(len(found.files) for found in founds),
        "row_count": sum(found.row_count for found in founds),
        "files": [file for found in founds for file in found.files],
    }


def check_pipeline(settings: Settings, name: str, connections: Connections) -> list[Tried]:
    """Try whether each part of a pipeline can be read. Nothing is delivered and nothing kept."""
    pipeline = settings.collect.pipeline(name)
    tried = []
    try:
        access = connections(pipeline.connection) if pipeline.connection else ANYBODY
    except SaydoError as error:
        return [Tried(name, False, str(error))]
    for part_name, work in _trials(pipeline, access).items():
        where = f"{name}.{part_name}"
        try:
            with _apart(settings, pipeline):
                tried.append(Tried(where, True, work(where)))
        except SaydoError as error:
            tried.append(Tried(where, False, str(error)))
    return tried


def _apart(settings: Settings, pipeline: Pipeline) -> AbstractContextManager[None]:
    """Files are copied without dlt."""
    return nullcontext() if pipeline.folder else dlt_kept_apart(settings)


def _worst(errors: list[SaydoError]) -> type[SaydoError]:
    """The kind of what a retry might help, if one of them is of it."""
    kinds = {type(error) for error in errors}
    if not kinds <= {ConfigError, DeliveryRefused}:
        return SaydoError
    return ConfigError if ConfigError in kinds else DeliveryRefused


def _works(pipeline: Pipeline, access: Access) -> dict[str, Callable[[Part], Found]]:
    """What collects each part."""
    if pipeline.tables:
        from saydo.collect.tables import collect_table

        return {
            table.part: lambda part, table=table: collect_table(part, table, access)
            for table in pipeline.tables
        }
    if api := pipeline.api:
        from saydo.collect.api import collect_resource

        return {
            each.name: lambda part, each=each: collect_resource(part, api, each, access)
            for each in api.resources
        }
    from saydo.collect.folders import collect_folder

    return {
        name: lambda part: collect_folder(part, pipeline.folder, access) for name in pipeline.parts
    }


def _trials(pipeline: Pipeline, access: Access) -> dict[str, Callable[[str], str]]:
    """What tries each part."""
    if pipeline.tables:
        from saydo.collect.tables import try_table

        return {
            table.part: lambda where, table=table: try_table(where, table, access)
            for table in pipeline.tables
        }
    if api := pipeline.api:
        from saydo.collect.api import try_resource

        return {
            each.name: lambda where, each=each: try_resource(where, api, each, access)
            for each in api.resources
        }
    from saydo.collect.folders import try_folder

    return {
        name: lambda where: try_folder(where, pipeline.folder, access) for name in pipeline.parts
    }
