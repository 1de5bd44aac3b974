"""bets.yml: what the business believes goes together, and what it expects to come of it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator

from saydo.config.predicates import Predicate, published_columns, read_predicate
from saydo.config.types import Name, Strict

# What is known of a customer at the cut-off: the month of it, as customer_months has it. An id
# selects nobody that a bet could be about.
_IDS = ("customer_id", "month_start_date")
# What came of it, over the months after the cut-off; how each is measured, as SQL over the months
# after it (`months_after` is how many of them are over).
OUTCOMES = {
    "is_churned_after": "boolean",
    "is_active_after": "boolean",
    "closing_mrr_after": "number",
    "mrr_change_after": "number",
    "revenue_after": "number",
    "new_service_count_after": "number",
    "contact_count_after": "number",
    "complaint_count_after": "number",
    "fault_day_count_after": "number",
}
_MOST_SETS = 6
_LOOKS_BACK = (
    "it is known at the cut-off, and an outcome is what came after it; read a column that ends in "
    "`_after`"
)
_LOOKS_AHEAD = "it is known only after the cut-off, and evidence is what was known then"


def evidence_columns() -> dict[str, str]:
    """Columns that evidence may read, with their kinds."""
    return {
        name: kind
        for name, kind in published_columns("customer_months").items()
        if name not in _IDS
    }


def _evidence(text: str) -> Predicate:
    return read_predicate(text, evidence_columns(), dict.fromkeys(OUTCOMES, _LOOKS_AHEAD))


def _outcome(text: str) -> Predicate:
    before = {**published_columns("customer_months"), **published_columns("customer_profiles")}
    return read_predicate(text, OUTCOMES, dict.fromkeys(before, _LOOKS_BACK))


class Bet(Strict):
    """An outcome within some months, and the sets of evidence whose overlap should raise it.

    `among` says of whom the bet is; sets and outcome are predicates (saydo.config.predicates).
    A changed bet is a new version of it.
    """

    code: Name
    version: Annotated[int, Field(ge=1)] = 1
    owner: Annotated[str, Field(min_length=1)]
    why: Annotated[str, Field(min_length=1)]
    among: str = "is_active"
    outcome: str
    horizon_months: Annotated[int, Field(ge=1, le=24)] = 3
    sets: Annotated[dict[Name, str], Field(min_length=2, max_length=_MOST_SETS)]

    @field_validator("among")
    @classmethod
    def _among_is_known_then(cls, text: str) -> str:
        _evidence(text)
        return text

    @field_validator("outcome")
    @classmethod
    def _outcome_comes_after(cls, text: str) -> str:
        _outcome(text)
        return text

    @field_validator("sets")
    @classmethod
    def _sets_are_known_then(cls, sets: dict[str, str]) -> dict[str, str]:
        for name, text in sets.items():
            try:
                _evidence(text)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
        return sets

    def for_models(self) -> dict[str, Any]:
        """What the models' SQL is told of it: names and checked predicates."""
        return {
            "code": self.code,
            "horizon_months": self.horizon_months,
            "among": _evidence(self.among).sql,
            "outcome": _outcome(self.outcome).sql,
            "sets": [
                {"code": name, "predicate": _evidence(self.sets[name]).sql} for name in self.sets
            ],
        }


class Bets(Strict):
    """The whole of bets.yml."""

    bets: tuple[Bet, ...] = ()

    @model_validator(mode="after")
    def _codes_are_told_once(self) -> Bets:
        codes = [bet.code for bet in self.bets]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"two bets are called {', '.join(twice)}")
        return self
