"""The building blocks of the configuration models: strict models, names, near-miss messages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Ratio = Annotated[float, Field(ge=0, le=1)]


class Strict(BaseModel):
    """A frozen model that refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def unknown(kind: str, name: str, valid: Iterable[str]) -> str:
    """The message for a name that is not one of `valid`: the nearest one, or all of them."""
    options = list(valid)
    near = difflib.get_close_matches(name, options, 1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"valid: {', '.join(options)}"
    return f"unknown {kind} {name!r}; {hint}"


@cache
def _zones() -> list[str]:
    """Of this machine: asking is reading hundreds of files, and each feed has a zone."""
    return sorted(available_timezones())


def _known_zone(zone: str) -> str:
    if zone not in _zones():
        raise ValueError(unknown("time zone", zone, _zones()))
    return zone


Zone = Annotated[str, AfterValidator(_known_zone)]


def _known_country(country: str) -> str:
    from phonenumbers import SUPPORTED_REGIONS  # slow to import, and few need it

    if country not in SUPPORTED_REGIONS:
        raise ValueError(
            unknown("country (ISO 3166, two letters)", country, sorted(SUPPORTED_REGIONS))
        )
    return country


Country = Annotated[str, AfterValidator(_known_country)]
