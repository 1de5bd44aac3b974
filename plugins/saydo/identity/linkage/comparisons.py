"""What is compared of two accounts' holders, and which pairs are looked at.

Written for names and addresses of any country: nothing is parsed, only normalised, and a typing
error, a changed word order or exchanged names still count as likeness. A comparison takes the first
of its levels that holds; what is missing on a side says nothing. Street, postcode and city are one
comparison, because they are not independent of each other.
"""

from __future__ import annotations

from dataclasses import dataclass

MISSING = -1  # how Splink numbers a comparison that cannot be made; 0 is `unlike`


@dataclass(frozen=True)
class Level:
    """One degree of likeness: SQL over `<column>_l` and `<column>_r`, and its share of pairs.

    `match_share` (m) and `chance_share` (u) are what is assumed where there are too few accounts to
    learn them: of pairs that are one person, and of any two accounts, how many reach this level.
    """

    name: str
    condition: str
    match_share: float
    chance_share: float


@dataclass(frozen=True)
class Comparison:
    """One attribute. `frequency_column`: agreeing on a common value of it says less."""

    name: str
    missing: str
    levels: tuple[Level, ...]  # the best first; what reaches none is `unlike`
    frequency_column: str | None = None

    def level_name(self, number: int) -> str:
        """What Splink's level number means: the best level has the highest."""
        if number == MISSING:
            return "missing"
        return "unlike" if number == 0 else self.levels[len(self.levels) - number].name

    def number(self, level: str) -> int:
        """The number of a level by its name."""
        return len(self.levels) - [known.name for known in self.levels].index(level)


def _name(column: str, other: str) -> Comparison:
    """Given or family name. The two fields are often enough exchanged to have a level for it."""
    left, right = f"{column}_l", f"{column}_r"
    return Comparison(
        column,
        f"{left} is null or {right} is null",
        (
            Level("same", f"{left} = {right}", 0.90, 0.01),
            Level(
                "one letter off",
                f"abs(length({left}) - length({right})) <= 1 "
                f"and damerau_levenshtein({left}, {right}) <= 1",
                0.04,
                0.002,
            ),
            Level("similar", f"jaro_winkler_similarity({left}, {right}) >= 0.88", 0.02, 0.002),
            Level(
                "exchanged",
                f"jaro_winkler_similarity({left}, {other}_r) >= 0.88 "
                f"and jaro_winkler_similarity({other}_l, {right}) >= 0.88",
                0.01,
                0.0001,
            ),
        ),
        column,
    )


_SAME_PARTS = " + ".join(
    f"cast(substr(birth_date_l, {part}) = substr(birth_date_r, {part}) as int)"
    for part in ("1, 4", "6, 2", "9, 2")  # of YYYY-MM-DD
)
_BIRTH_DATE = Comparison(
    "birth_date",
    "birth_date_l is null or birth_date_r is null",
    (
        Level("same", "birth_date_l = birth_date_r", 0.95, 0.00005),
        Level("one digit off", "damerau_levenshtein(birth_date_l, birth_date_r) <= 1", 0.02, 0.001),
        Level("two parts same", f"{_SAME_PARTS} >= 2", 0.01, 0.003),
    ),
    "birth_date",
)

# Of the pairs of letters in two streets, seven in ten are common: neither a typing error nor the
# order of the words matters much.
_SIMILAR_STREET = (
    "len(list_intersect(street_parts_l, street_parts_r)) * 2 "
    ">= 0.7 * (len(street_parts_l) + len(street_parts_r))"
)
_ADDRESS = Comparison(
    "address",
    "(street_l is null or street_r is null) and (postcode_l is null or postcode_r is null) "
    "and (city_l is null or city_r is null)",
    (
        Level("same", "postcode_l = postcode_r and street_l = street_r", 0.60, 0.00001),
        Level(
            "similar street, same postcode",
            f"postcode_l = postcode_r and {_SIMILAR_STREET}",
            0.15,
            0.00001,
        ),
        Level("same street elsewhere", "street_l = street_r", 0.03, 0.0005),
        Level("similar street, same city", f"city_l = city_r and {_SIMILAR_STREET}", 0.05, 0.0005),
        Level(
            "same postcode and city",
            "postcode_l = postcode_r and jaro_winkler_similarity(city_l, city_r) >= 0.9",
            0.04,
            0.0005,
        ),
        Level("same postcode", "postcode_l = postcode_r", 0.02, 0.0005),
        Level("same city", "city_l = city_r", 0.05, 0.05),
    ),
)

COMPARISONS = (
    _name("given_name", "family_name"),
    _name("family_name", "given_name"),
    _BIRTH_DATE,
    _ADDRESS,
)

# A pair is looked at when it agrees on one of these. A value that more accounts have than
# `linkage.max_block_accounts` proposes nobody (people.py), so that cost stays linear in accounts.
BLOCKS = {
    "block_birth": "birth_date",
    "block_names": "least(given_name, family_name) || ' ' || greatest(given_name, family_name)",
    "block_given": "postcode || ' ' || given_name",
    "block_family": "postcode || ' ' || family_name",
    "block_street": "street",
}

# Each lets the comparisons it does not name be learnt from its pairs that agree on the columns, and
# says how many of those are one person's. The last that teaches sets how many there are in all.
TRAINING_BLOCKS = {
    "block_names": ("given_name", "family_name"),
    "block_birth": ("birth_date",),
}
