"""How one delivered row becomes several canonical ones: `unpivot` of columns, `unnest` of lists."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from saydo.config.types import Name, Strict

_PLACES = ("file_name", "line_number")


class Unpivot(Strict):
    """A row per column and answer: the column's name and its value become two new columns."""

    columns: Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1)]
    name: Name = "question_code"
    value: Name = "score"

    @model_validator(mode="after")
    def _two_new_names(self) -> Unpivot:
        if self.name == self.value:
            raise ValueError(f"name and value are both {self.name!r}; give two names")
        if taken := {self.name, self.value} & {*_PLACES}:
            raise ValueError(f"{taken.pop()!r} is where a row was delivered; give another name")
        return self


class Unnest(Strict):
    """A row per element of a list. `column` may be a path into objects, or into an element."""

    # A path is of plain names: what an expression writes with dots between.
    column: Annotated[str, Field(pattern=r"^[^.\s\[\]]+(\.[^.\s\[\]]+)*$")]
    as_: Annotated[Name, Field(alias="as")]

    @model_validator(mode="after")
    def _is_no_place(self) -> Unnest:
        if self.as_ in _PLACES:
            raise ValueError(f"{self.as_!r} is where a row was delivered; give another name")
        return self

    @property
    def path(self) -> list[str]:
        """The names of the path, the column's or an earlier element's first."""
        return self.column.split(".")
