"""Reading a configuration file, and saying what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from saydo.config.bets import Bets
from saydo.config.collect import Collect
from saydo.config.feeds import Feeds
from saydo.config.notices import NoticesTo
from saydo.config.policy import Policy
from saydo.config.publish import Publish
from saydo.config.segments import Segments
from saydo.config.spark import Spark
from saydo.config.types import unknown
from saydo.errors import ConfigError

M = TypeVar("M", bound=BaseModel)


def _model_at(model: type[BaseModel], location: tuple[Any, ...]) -> type[BaseModel] | None:
    """The model class that holds the key at `location`, found by walking the annotations."""
    here: Any = model
    for part in location[:-1]:
        if isinstance(part, int):
            continue
        if isinstance(here, type) and issubclass(here, BaseModel) and part in here.model_fields:
            annotation = here.model_fields[part].annotation
            found = [
                a for a in (annotation, *getattr(annotation, "__args__", ())) if isinstance(a, type)
            ]
            models = [a for a in found if issubclass(a, BaseModel)]
            here = models[0] if models else None
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _explain(error: ValidationError, model: type[BaseModel], file: Path) -> str:
    lines = []
    for item in error.errors(include_url=False):
        where = ".".join(str(part) for part in item["loc"]) or "(file)"
        message = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            owner = _model_at(model, item["loc"])
            message = unknown("key", str(item["loc"][-1]), owner.model_fields if owner else ())
        lines.append(f"  {where}: {message}")
    return f"{file} is not valid:\n" + "\n".join(lines)


def _load(model: type[M], file: Path) -> M:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{file} does not exist; name an existing file or create it") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{file} is not valid YAML: {error}") from None
    try:
        return model.model_validate(content or {})
    except ValidationError as error:
        raise ConfigError(_explain(error, model, file)) from None


def load_feeds(file: Path) -> Feeds:
    """Read and check a feeds.yml.

    Raises:
        ConfigError: unreadable or invalid; every problem is listed with its place.
    """
    return _load(Feeds, file)


def load_policy(file: Path) -> Policy:
    """Read and check a policy.yml. Raises ConfigError as `load_feeds` does."""
    return _load(Policy, file)


def load_bets(file: Path) -> Bets:
    """Read and check a bets.yml. Raises ConfigError as `load_feeds` does."""
    return _load(Bets, file)


def load_segments(file: Path) -> Segments:
    """Read and check a segments.yml. Raises ConfigError as `load_feeds` does."""
    return _load(Segments, file)


def load_spark(file: Path) -> Spark:
    """Read and check a spark.yml. Raises ConfigError as `load_feeds` does."""
    return _load(Spark, file)


def load_publish(file: Path) -> Publish:
    """Read and check a publish.yml. Raises ConfigError as `load_feeds` does."""
    return _load(Publish, file)


def load_collect(file: Path) -> Collect:
    """Read and check a collect.yml. Raises ConfigError as `load_feeds` does."""
    return _load(Collect, file)


def load_notices(file: Path) -> NoticesTo:
    """Read and check a notices.yml. Raises ConfigError as `load_feeds` does."""
    return _load(NoticesTo, file)
