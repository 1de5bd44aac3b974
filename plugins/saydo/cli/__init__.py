"""The `saydo` command. Each command calls one pure function and prints what came of it."""

from saydo.cli import (
    conform,
    data,
    draft,
    effects,
    identity,
    lineage,
    linkage,
    recover,
    releases,
    segments,
    upkeep,
    warehouse,
)
from saydo.cli.app import app

__all__ = [
    "app",
    "conform",
    "data",
    "draft",
    "effects",
    "identity",
    "lineage",
    "linkage",
    "recover",
    "releases",
    "segments",
    "upkeep",
    "warehouse",
]
