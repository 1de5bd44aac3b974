"""The `saydo` command. Each command calls one pure function and prints what came of it."""

from saydo.cli import (
    ask,
    bi,
    conform,
    data,
    draft,
    effects,
    identity,
    lineage,
    linkage,
    metrics,
    notices,
    recover,
    releases,
    segments,
    serving,
    upkeep,
    warehouse,
)
from saydo.cli.app import app

__all__ = [
    "app",
    "ask",
    "bi",
    "conform",
    "data",
    "draft",
    "effects",
    "identity",
    "lineage",
    "linkage",
    "metrics",
    "notices",
    "recover",
    "releases",
    "segments",
    "serving",
    "upkeep",
    "warehouse",
]
