"""The trained model: shares of levels and a prior, kept in state/linkage, and no personal value.

How often a single name occurs is personal: it is counted in memory on every run and never kept.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from saydo.durable import replace_json
from saydo.identity.linkage import comparisons as compared
from saydo.identity.linkage.comparisons import COMPARISONS
from saydo.identity.linkage.contacts import MACROS
from saydo.settings import Settings

FEWEST_ACCOUNTS = 1_000  # fewer do not say how often errors happen; the built-in shares hold
SAMPLED_PAIRS = 2_000_000
DIGITS = 6  # parallel sums differ in the last bits; what is kept must not
ASSUMED_MATCHES = 0.05  # pairs to be found per account, where nothing is known

ASSUMED_HOUSEMATES = 0.2  # pairs of members of one household per account, where nothing is known
# Of the pairs of two members of one household, so many are twins, and so many share a given name.
TWINS = 0.01
NAMESAKES = 0.01
FEWEST_NEIGHBOURS = 100  # pairs of one family name and address that tell how common households are


@dataclass(frozen=True)
class Model:
    """Shares by comparison and level (`unlike` last): [among one person's, among any] pairs."""

    specification: str
    account_count: int  # trained on; 0: not trained
    matches_per_account: float
    housemates_per_account: float
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
        MACROS,
        compared.BLOCKS,
        compared.TRAINING_BLOCKS,
        [SAMPLED_PAIRS, FEWEST_ACCOUNTS, FEWEST_NEIGHBOURS, ASSUMED_HOUSEMATES, TWINS, NAMESAKES],
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]


def untrained() -> Model:
    """The built-in shares."""
    shares = {}
    for comparison in COMPARISONS:
        known = [(level.match_share, level.chance_share) for level in comparison.levels]
        rest = tuple(round(1 - sum(side), DIGITS) for side in zip(*known, strict=True))
        if comparison.only_alike:
            rest = (rest[0], rest[0])
        shares[comparison.name] = [*known, (rest[0], rest[1])]
    return Model(specification(), 0, ASSUMED_MATCHES, ASSUMED_HOUSEMATES, shares)


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
