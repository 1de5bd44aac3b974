"""How likely it is that two accounts alike are of two persons who live together.

Members of a household have family name and address in common, so that a pair of them is far more
alike than any two accounts are. What tells them apart is given name and birth date: of two members
these are as unlike as any two persons' are, but for twins, who have one birth date, and for a child
named after a parent. How many pairs of members there are is learnt from the accounts.
"""

from __future__ import annotations

import math

import duckdb

from saydo.identity.linkage.comparisons import COMPARISONS, MISSING
from saydo.identity.linkage.model import FEWEST_NEIGHBOURS, NAMESAKES, TWINS, Model

_ROUNDS = 500
_APART = 1 - TWINS - NAMESAKES
_PERSONAL = tuple(c for c in COMPARISONS if c.name in ("given_name", "birth_date"))
_SHARED = tuple(c for c in COMPARISONS if c.name in ("family_name", "address"))

Shares = dict[str, list[tuple[float, float]]]


def person_odds(model: Model, with_frequencies: bool) -> str:
    """SQL over a pair that Splink scored: the odds of one person against two of one household."""
    match: dict[str, str] = {}
    chance: dict[str, str] = {}
    for name in (comparison.name for comparison in _PERSONAL):
        match[name], chance[name] = (_share_sql(model, name, side) for side in (0, 1))
        if with_frequencies:  # two members have a rare name in common less often than a common one
            chance[name] = f"({chance[name]} * pow(2.0, -mw_tf_adj_{name}))"
    ratio = model.matches_per_account / model.housemates_per_account
    person = " * ".join(match.values())
    given, birth = (comparison.name for comparison in _PERSONAL)
    members = (
        f"{_APART!r} * {chance[given]} * {chance[birth]} "
        f"+ {TWINS!r} * {chance[given]} * {match[birth]} "
        f"+ {NAMESAKES!r} * {match[given]} * {chance[birth]}"
    )
    return f"({ratio!r} * {person} / ({members}))"


def _share_sql(model: Model, name: str, side: int) -> str:
    """The share of the pair's level; what is missing tells neither from the other."""
    shares = model.shares[name]
    numbers = range(len(shares) - 1, -1, -1)
    whens = " ".join(
        f"when {number} then {levels[side]!r}"
        for number, levels in zip(numbers, shares, strict=True)
    )
    return f"(case gamma_{name} {whens} else 1.0 end)"


def housemates_in(connection: duckdb.DuckDBPyConnection, shares: Shares) -> float | None:
    """How many pairs of two members of a household `people` has; None where too few tell.

    Of the pairs of one family name and address it is counted how alike given name and birth date
    are. These are pairs of one person and pairs of two members, and of both it is known how often
    they are alike to which degree: what is found, by expectation maximisation, is how many there
    are of each.
    """
    columns = ("given_name", "family_name", "formal_names", "birth_date")
    both = ", ".join(f"l.{name} as {name}_l, r.{name} as {name}_r" for name in columns)
    levels = ", ".join(comparison.level_sql for comparison in _PERSONAL)
    counts = connection.execute(
        f"select {levels}, count(*) from (select {both} from people as l join people as r "
        "on l.account_key < r.account_key and l.block_street = r.block_street "
        "and l.postcode = r.postcode and l.family_name = r.family_name) group by all"
    ).fetchall()
    pair_count = sum(count for *_, count in counts)
    told = [row for row in counts if MISSING not in row]
    told_count = sum(count for *_, count in told)
    if told_count < FEWEST_NEIGHBOURS:
        return None
    likely = []
    for given_level, birth_level, count in told:
        given, birth = (
            shares[comparison.name][len(comparison.levels) - level]
            for comparison, level in zip(_PERSONAL, (given_level, birth_level), strict=True)
        )
        members = (
            _APART * given[1] * birth[1]
            + TWINS * given[1] * birth[0]
            + NAMESAKES * given[0] * birth[1]
        )
        likely.append((given[0] * birth[0], members, count))
    share = 0.5
    for _ in range(_ROUNDS):
        expected = (n * share * two / (share * two + (1 - share) * one) for one, two, n in likely)
        share = sum(expected) / told_count
    alike = math.prod(shares[comparison.name][0][0] for comparison in _SHARED)
    return share * pair_count / alike
