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
    only_alike: bool = False  # neither the same nor unlike says anything: what is alike does

    def level_name(self, number: int) -> str:
        """What Splink's level number means: the best level has the highest."""
        if number == MISSING:
            return "missing"
        return "unlike" if number == 0 else self.levels[len(self.levels) - number].name

    @property
    def level_sql(self) -> str:
        """The level's number, of columns `<column>_l` and `<column>_r`, as Splink would give it."""
        numbers = range(len(self.levels), 0, -1)
        known = " ".join(
            f"when {level.condition} then {number}"
            for level, number in zip(self.levels, numbers, strict=True)
        )
        return f"case when {self.missing} then {MISSING} {known} else 0 end"


def _name(column: str, other: str, more: tuple[Level, ...], one_off: float) -> Comparison:
    """Given or family name. The two fields are often enough exchanged to have a level for it."""
    left, right = f"{column}_l", f"{column}_r"
    return Comparison(
        column,
        f"{left} is null or {right} is null",
        (
            Level("same", f"{left} = {right}", 0.86, 0.01),
            Level(
                "one letter off",
                f"abs(length({left}) - length({right})) <= 1 "
                f"and least(length({left}), length({right})) > 1 "
                f"and damerau_levenshtein({left}, {right}) <= 1",
                one_off,
                0.002,
            ),
            *more,
            Level("similar", f"jaro_winkler_similarity({left}, {right}) >= 0.88", 0.02, 0.002),
            Level(
                "exchanged",
                f"jaro_winkler_similarity({left}, {other}_r) >= 0.88 "
                f"and jaro_winkler_similarity({other}_l, {right}) >= 0.88",
                0.01,
                0.0001,
            ),
            Level(
                "distantly similar", f"jaro_winkler_similarity({left}, {right}) >= 0.7", 0.01, 0.02
            ),
        ),
        column,
    )


_SHORT = (
    Level("nickname", "list_has_any(formal_names_l, formal_names_r)", 0.02, 0.003),
    Level(
        "initial",
        "least(length(given_name_l), length(given_name_r)) = 1 "
        "and left(given_name_l, 1) = left(given_name_r, 1)",
        0.01,
        0.003,
    ),
)

_SAME_PARTS = " + ".join(
    f"cast(substr(birth_date_l, {part}) = substr(birth_date_r, {part}) as int)"
    for part in ("1, 4", "6, 2", "9, 2")  # of YYYY-MM-DD
)
_TWO_DIGITS_OFF = "hamming(birth_date_l, birth_date_r) <= 2"  # all are of ten characters
_DAY_AND_MONTH = (
    "left(birth_date_l, 4) = left(birth_date_r, 4) "
    "and substr(birth_date_l, 6, 2) = substr(birth_date_r, 9, 2) "
    "and substr(birth_date_l, 9, 2) = substr(birth_date_r, 6, 2)"
)
_BIRTH_DATE = Comparison(
    "birth_date",
    "birth_date_l is null or birth_date_r is null",
    (
        Level("same", "birth_date_l = birth_date_r", 0.93, 0.00005),
        Level(
            "one digit off",
            f"{_TWO_DIGITS_OFF} and damerau_levenshtein(birth_date_l, birth_date_r) <= 1",
            0.02,
            0.001,
        ),
        Level("day and month exchanged", _DAY_AND_MONTH, 0.01, 0.00003),
        Level("two parts same", f"{_SAME_PARTS} >= 2", 0.01, 0.003),
        Level("two digits off", _TWO_DIGITS_OFF, 0.01, 0.01),
    ),
    "birth_date",
)

# Of the pairs of letters in two streets, seven in ten are common: neither a typing error nor the
# order of the words matters much.
_SIMILAR_STREET = (
    "len(list_intersect(street_parts_l, street_parts_r)) * 2 "
    ">= 0.7 * (len(street_parts_l) + len(street_parts_r))"
)
_SIMILAR_ROAD = "jaro_winkler_similarity(road_l, road_r) >= 0.9"
_ALIKE_POSTCODE = (
    "jaro_winkler_similarity(postcode_l, postcode_r) >= 0.8 "  # much cheaper, and never stricter
    "and damerau_levenshtein(postcode_l, postcode_r) <= 1"
)
_ALIKE_CITY = "jaro_winkler_similarity(city_l, city_r) >= 0.88"
_ALIKE_PLACE = f"(({_ALIKE_POSTCODE}) or ({_ALIKE_CITY}))"
_ADDRESS = Comparison(
    "address",
    "(street_l is null or street_r is null) and (postcode_l is null or postcode_r is null) "
    "and (city_l is null or city_r is null)",
    (
        Level("same", "postcode_l = postcode_r and street_l = street_r", 0.60, 0.00001),
        Level("similar street and place", f"{_ALIKE_PLACE} and {_SIMILAR_STREET}", 0.15, 0.00001),
        Level("similar road and place", f"{_ALIKE_PLACE} and {_SIMILAR_ROAD}", 0.05, 0.00005),
        Level("same street elsewhere", "street_l = street_r", 0.03, 0.0005),
        Level("alike postcode and city", f"{_ALIKE_POSTCODE} and {_ALIKE_CITY}", 0.04, 0.0005),
        Level("same postcode", "postcode_l = postcode_r", 0.02, 0.0005),
        Level("alike city", _ALIKE_CITY, 0.05, 0.05),
    ),
)

# The very same e-mail or number is for the rules about identifiers, and families have some in
# common; an unlike one says nothing, for people have several and change them.
_EMAIL = Comparison(
    "email",
    "emails_l is null or emails_r is null",
    (
        Level("same", "email_likeness(emails_l, emails_r) = 3", 0.3, 0.3),
        Level("user part alike", "email_likeness(emails_l, emails_r) = 2", 0.05, 0.0005),
        Level("same user part elsewhere", "email_likeness(emails_l, emails_r) = 1", 0.03, 0.0005),
    ),
    only_alike=True,
)
_PHONE = Comparison(
    "phone",
    "phones_l is null or phones_r is null",
    (
        Level("same", "phone_errors(phones_l, phones_r) = 0", 0.3, 0.3),
        Level("one digit off", "phone_errors(phones_l, phones_r) = 1", 0.05, 0.002),
        Level("two digits off", "phone_errors(phones_l, phones_r) = 2", 0.02, 0.005),
    ),
    only_alike=True,
)

COMPARISONS = (
    _name("given_name", "family_name", _SHORT, 0.03),
    _name("family_name", "given_name", (), 0.04),
    _BIRTH_DATE,
    _ADDRESS,
    _EMAIL,
    _PHONE,
)

# A pair is looked at when it agrees on one of these. A value that more accounts have than
# `linkage.max_block_accounts` proposes nobody (people.py), so that cost stays linear in accounts.
BLOCKS = {
    "block_birth": "birth_date",
    "block_names": "least(given_name, family_name) || ' ' || greatest(given_name, family_name)",
    "block_begins": "left(given_name, 3) || ' ' || left(family_name, 3)",
    "block_given": "postcode || ' ' || left(given_name, 3)",
    "block_family": "postcode || ' ' || left(family_name, 3)",
    "block_street": "street",
    "block_road": "road",
}

# Each lets the comparisons it does not name be learnt from its pairs that agree on the columns, and
# says how many of those are one person's. The last that teaches sets how many there are in all.
TRAINING_BLOCKS = {
    "block_names": ("given_name", "family_name"),
    "block_birth": ("birth_date",),
}
