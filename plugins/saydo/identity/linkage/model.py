"""The trained model: shares of levels and a prior, kept in state/linkage, and no personal value.

How often a single name occurs is personal: it is counted in memory on every run and never kept.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from saydo.identity.linkage import comparisons as compared
from saydo.identity.linkage.comparisons import COMPARISONS
from saydo.release.durable import replace_json
from saydo.settings import Settings

FEWEST_ACCOUNTS = 1_000  # fewer do not say how often errors happen; the built-in shares hold
SAMPLED_PAIRS = 2_000_000
_SEED = 1
_DIGITS = 6  # parallel sums differ in the last bits; what is kept must not
_LEAST_SHARE = 1e-4  # what was never seen among matches is rare, not impossible
_ASSUMED_MATCHES = 0.05  # pairs to be found per account, where nothing is known

# Above this share of plainly different persons among those of one family name and address, the
# accounts are of households: then a twin, or a child named after a parent, is likelier than an
# error. Of pairs of two household members about one in twenty are such, so below it they are fewer
# than one in a thousand.
HOUSEHOLD_SHARE = 0.02
_FEWEST_NEIGHBOURS = 100


@dataclass(frozen=True)
class Model:
    """Shares by comparison and level (`unlike` last): [among one person's, among any] pairs."""

    specification: str
    account_count: int  # trained on; 0: not trained
    matches_per_account: float
    has_households: bool
    shares: dict[str, list[tuple[float, float]]]

    @property
    def version(self) -> str:
        """Names the parameters: the same version scores alike."""
        content = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:12]

    def prior(self, account_count: int) -> float:
        """Probability that two of so many accounts, taken at random, are one person's."""
        return min(2 * self.matches_per_account / max(account_count - 1, 1), 0.5)


def specification() -> str:
    """Names what a model is a model of: the comparisons, the blocks, and Splink itself."""
    from importlib.metadata import version

    parts = [
        version("splink").partition(".")[0],
        [asdict(comparison) for comparison in COMPARISONS],
        compared.BLOCKS,
        compared.TRAINING_BLOCKS,
        [SAMPLED_PAIRS, FEWEST_ACCOUNTS, HOUSEHOLD_SHARE],
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]


def untrained() -> Model:
    """The built-in shares. They take accounts to be of households."""
    shares = {}
    for comparison in COMPARISONS:
        known = [(level.match_share, level.chance_share) for level in comparison.levels]
        rest = tuple(round(1 - sum(side), _DIGITS) for side in zip(*known, strict=True))
        shares[comparison.name] = [*known, (rest[0], rest[1])]
    return Model(specification(), 0, _ASSUMED_MATCHES, True, shares)


def model_folder(settings: Settings) -> Path:
    """Where trained models are: one file each, named by its version."""
    return settings.state / "linkage"


def stored_model(settings: Settings) -> Model | None:
    """The model that was trained for what is compared now, or None."""
    wanted = specification()
    found = []
    for file in sorted(model_folder(settings).glob("model-*.json")):
        content = json.loads(file.read_text(encoding="utf-8"))
        shares = {
            name: [(float(match), float(chance)) for match, chance in levels]
            for name, levels in content.pop("shares").items()
        }
        model = Model(shares=shares, **content)
        if model.specification == wanted:
            found.append(model)
    return max(found, key=lambda model: (model.account_count, model.version), default=None)


def store(settings: Settings, model: Model) -> None:
    """Keep a trained model beside earlier ones."""
    replace_json(model_folder(settings) / f"model-{model.version}.json", asdict(model))


def train(connection: duckdb.DuckDBPyConnection, account_count: int) -> Model:
    """Learn a model from `people`: the same accounts, in whatever order, give the same one.

    The share of a level among any two accounts is counted in a sample of pairs (by a hash of the
    account keys), its share among one person's by expectation maximisation from the built-in ones.
    """
    from splink.internals.exceptions import EMTrainingException

    from saydo.identity.linkage.scoring import linker

    start = untrained()
    if account_count < FEWEST_ACCOUNTS:
        return start
    learner = linker(connection, start, account_count, with_frequencies=False)
    learner.training.estimate_u_using_random_sampling(
        max_pairs=SAMPLED_PAIRS, seed=_SEED, min_count_per_level=None, num_chunks=1
    )
    agreeing: dict[tuple[str, ...], float] = {}  # pairs that are one person's, by training columns
    for block, columns in compared.TRAINING_BLOCKS.items():
        try:
            taught = learner.training.estimate_parameters_using_expectation_maximisation(
                _training_rule(block, columns),
                max_pairs=SAMPLED_PAIRS,
                record_sample_proportion=1.0,
            )
        except EMTrainingException:  # no pair agrees so far: what it would teach stays as built in
            continue
        share = taught.core_model_settings.probability_two_random_records_match
        agreeing[columns] = share * _agreeing_pair_count(connection, block, columns)
    pair_count = min(SAMPLED_PAIRS, account_count * (account_count - 1) / 2)
    shares = _learnt(learner.misc.save_model_to_json(), 1 / pair_count)
    matches = float(account_count) * _ASSUMED_MATCHES
    for columns, count in agreeing.items():
        matches = count / math.prod(shares[column][0][0] for column in columns)
    return Model(
        start.specification,
        account_count,
        float(f"{max(matches, 1) / account_count:.{_DIGITS}g}"),
        _has_households(connection),
        shares,
    )


def _training_rule(block: str, columns: tuple[str, ...]) -> str:
    """Pairs of a block that agree on the columns."""
    return " and ".join(f"l.{column} = r.{column}" for column in (block, *columns))


def _agreeing_pair_count(
    connection: duckdb.DuckDBPyConnection, block: str, columns: tuple[str, ...]
) -> int:
    [(count,)] = connection.execute(
        "select coalesce(sum(members * (members - 1) // 2), 0) from (select count(*) as members "
        f"from people where {block} is not null group by {', '.join(columns)})"
    ).fetchall()
    return int(count)


def _learnt(content: dict[str, Any], least_chance: float) -> dict[str, list[tuple[float, float]]]:
    """The shares in Splink's own description of a model."""
    return {
        described["output_column_name"]: [
            (
                _kept(level.get("m_probability"), _LEAST_SHARE),
                _kept(level.get("u_probability"), least_chance),
            )
            for level in described["comparison_levels"]
            if not level.get("is_null_level")
        ]
        for described in content["comparisons"]
    }


def _kept(share: float | None, least: float) -> float:
    return float(f"{max(share or 0.0, least):.{_DIGITS}g}")


def _has_households(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether accounts of one family name and address are often plainly different persons'.

    Taken for granted where there are too few such accounts to tell.
    """
    [(pair_count, different_count)] = connection.execute(
        "select count(*), count(*) filter (where "
        "jaro_winkler_similarity(l.given_name, r.given_name) < 0.7 "
        "and damerau_levenshtein(l.birth_date, r.birth_date) > 1) "
        "from people as l join people as r on l.account_key < r.account_key "
        "and l.block_family = r.block_family and l.street = r.street "
        "where l.given_name is not null and r.given_name is not null "
        "and l.birth_date is not null and r.birth_date is not null"
    ).fetchall()
    return pair_count < _FEWEST_NEIGHBOURS or different_count > HOUSEHOLD_SHARE * pair_count
