"""dlt, kept to itself: no telemetry, no files of its own, no settings but ours."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from saydo.errors import ConfigError
from saydo.settings import Settings

_ADVICE = (
    "collect.yml names pipelines, which need the extra `collect`: pip install 'saydo[collect]' "
    "beside Airflow, or take them out"
)


@contextmanager
def dlt_kept_apart(settings: Settings) -> Iterator[None]:
    """Let dlt look for settings and keep files below state/ alone, and say little.

    Raises:
        ConfigError: the extra is not installed.
    """
    folder = str(settings.state / "collect" / ".dlt")
    wanted = {
        "DLT_DATA_DIR": folder,
        "DLT_PROJECT_DIR": folder,
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "PROVIDERS__ENABLE_AIRFLOW_SECRETS": "false",
        "RUNTIME__LOG_LEVEL": "CRITICAL",
        "RUNTIME__HTTP_SHOW_ERROR_BODY": "false",
    }
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        try:
            import dlt  # noqa: F401
        except ImportError:
            raise ConfigError(_ADVICE) from None
        # What it warns of may quote a row.
        logging.getLogger("dlt").setLevel(logging.CRITICAL)
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def needs(what: str) -> Iterator[None]:
    """Say which extra is missing where an import fails.

    Raises:
        ConfigError: it is not installed.
    """
    try:
        yield
    except ImportError:
        raise ConfigError(f"{_ADVICE} ({what} is missing)") from None
