"""segments.yml: groups of customers by what their profiles say, and where each group is sent."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from saydo.config.predicates import Predicate, published_columns, read_predicate
from saydo.config.recovery import DestinationPolicy
from saydo.config.types import Name, Strict

# Who it is selects nobody that a segment could be about; the as-of day is everybody's.
_SAYS_NOTHING = ("customer_id", "as_of_date")


def segment_columns() -> dict[str, str]:
    """Columns that a segment may read, with their kinds."""
    return {
        name: kind
        for name, kind in published_columns("customer_profiles").items()
        if name not in _SAYS_NOTHING
    }


def _read(text: str) -> Predicate:
    why_not = dict.fromkeys(_SAYS_NOTHING, "it says nothing that a segment could be about")
    return read_predicate(text, segment_columns(), why_not)


class Segment(Strict):
    """Customers for whom `predicate` (saydo.config.predicates) holds, by their published profile.

    Only who gives `consent` is handed over: `difference` hands over who was added and removed
    since the last time, `full` everybody whenever somebody was, `none` nobody. `destinations` get
    what is in the outbox, which there always is. A changed segment is a new version of it.
    """

    code: Name
    version: Annotated[int, Field(ge=1)] = 1
    name: Annotated[str, Field(min_length=1)]
    owner: Annotated[str, Field(min_length=1)]
    predicate: str
    consent: Literal["analytics", "marketing", "none"] = "marketing"
    hand_over: Literal["difference", "full", "none"] = "difference"
    destinations: tuple[DestinationPolicy, ...] = ()

    @field_validator("predicate")
    @classmethod
    def _reads_published_columns(cls, text: str) -> str:
        _read(text)
        return text

    @model_validator(mode="after")
    def _goes_where_it_can(self) -> Segment:
        if self.hand_over == "none" and self.destinations:
            raise ValueError("`hand_over: none` goes nowhere: leave out its `destinations`")
        if self.hand_over == "full" and any(one.kind == "postgres" for one in self.destinations):
            raise ValueError(
                "a `postgres` destination is added to, and takes `hand_over: difference`: nobody "
                "would leave its table"
            )
        return self

    def for_models(self) -> dict[str, str]:
        """What the models' SQL is told of it: names and the checked predicate."""
        return {
            "code": self.code,
            "predicate": _read(self.predicate).sql,
            "consent": self.consent,
        }


class Segments(Strict):
    """The whole of segments.yml."""

    segments: tuple[Segment, ...] = ()

    @model_validator(mode="after")
    def _codes_are_told_once(self) -> Segments:
        codes = [segment.code for segment in self.segments]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"two segments are called {', '.join(twice)}")
        return self
