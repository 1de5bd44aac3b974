"""The proposals that wait for a person, and which two accounts a person means."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pyarrow.parquet as pq

from saydo.engine import open_database
from saydo.errors import ConfigError, SaydoError
from saydo.identity.linkage.comparisons import COMPARISONS, MISSING
from saydo.identity.linkage.decisions import read_decisions
from saydo.identity.linkage.links import levels_file
from saydo.settings import Settings

_WAITING = {
    "unsure": "not sure enough",
    "doubtful": "may be two persons of one household",
    "contradicted": "an identifier or a decision speaks against it",
}


@dataclass(frozen=True)
class Proposal:
    """A pair to be looked at: why it waits, and how alike each attribute is, never its value."""

    account_key: str
    other_account_key: str
    match_probability: float
    reason: str
    likeness: dict[str, str]  # attribute to level


def pending(settings: Settings) -> list[Proposal]:
    """The pairs of the last build that nobody has decided, likeliest first.

    Raises:
        SaydoError: nothing was built with linkage on, or the warehouse is being built.
    """
    decided = {(d.account_key, d.other_account_key) for d in read_decisions(settings)}
    levels = _levels(settings)
    return [
        Proposal(left, right, float(probability), _WAITING[verdict], levels.get((left, right), {}))
        for left, right, probability, verdict in _waiting(settings)
        if (left, right) not in decided
    ]


def resolve_pair(settings: Settings, given: tuple[str, str]) -> tuple[str, str]:
    """The pair of account keys that two beginnings of keys mean, among all pairs ever proposed.

    Raises:
        ConfigError: no such pair was proposed, or several were.
    """
    known = {(left, right) for left, right, *_ in _judged(settings)}
    known |= {(d.account_key, d.other_account_key) for d in read_decisions(settings)}
    first, second = given
    found = [
        (left, right)
        for left, right in sorted(known)
        if (left.startswith(first) and right.startswith(second))
        or (left.startswith(second) and right.startswith(first))
    ]
    if len(found) != 1:
        what = "no proposed pair is" if not found else f"{len(found)} proposed pairs are"
        raise ConfigError(
            f"{what} of {first!r} and {second!r}; `saydo identity review` lists the pairs: "
            "give both keys, or as much of them as tells them apart"
        )
    return found[0]


def _waiting(settings: Settings) -> list[tuple[str, str, float, str]]:
    rows = [row for row in _judged(settings) if row[3] in _WAITING]
    return sorted(rows, key=lambda row: (-row[2], row[0], row[1]))


def _judged(settings: Settings) -> list[tuple[str, str, float, str]]:
    if not settings.warehouse.exists():
        raise SaydoError(f"there is no {settings.warehouse}: `saydo run` makes it")
    if not settings.policy.linkage.is_on:  # what it proposed before it was switched off is over
        return []
    try:
        with open_database(settings, settings.warehouse, read_only=True) as connection:
            return connection.execute(
                "select account_key, other_account_key, match_probability, verdict "
                "from intermediate.int_links_judged"
            ).fetchall()
    except duckdb.CatalogException:
        raise SaydoError("identity has not been built yet: `saydo run` does it") from None
    except duckdb.IOException as error:
        raise SaydoError(
            f"{settings.warehouse.name} is being built; ask again when the run has ended"
        ) from error


def _levels(settings: Settings) -> dict[tuple[str, str], dict[str, str]]:
    file = levels_file(settings)
    if not file.is_file():
        return {}
    return {
        (row["account_key"], row["other_account_key"]): {
            comparison.name.replace("_", " "): comparison.level_name(
                row.get(f"gamma_{comparison.name}", MISSING)
            )
            for comparison in COMPARISONS
        }
        for row in pq.read_table(file).to_pylist()
    }
