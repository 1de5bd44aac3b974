"""What a build was made from, and whether the next one may be incremental.

`state/build/inputs.json` keeps two records: `built`, the last build whose marts succeeded, and
`attempted`, the last one begun. Incremental models trust what the warehouse holds, so anything
that makes that untrue means a full refresh; each reason is logged.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any

from saydo.actions import decided_hash
from saydo.build.variables import dbt_variables
from saydo.contract import SOURCES
from saydo.durable import replace_json
from saydo.identity.linkage import decisions_hash
from saydo.landing import current_batches, read_ledger
from saydo.settings import PROJECT, Settings

DBT_PROJECT = PROJECT / "dbt_project"
ESTIMATORS = PROJECT / "plugins" / "saydo" / "estimate"
_CODE_SUFFIXES = {".sql", ".yml", ".csv"}


@dataclass
class Inputs:
    """What one build reads: the day, the rules (a hash), the accepted batches by id."""

    as_of_date: str
    rules: str
    batches: dict[str, list[Any]] = field(default_factory=dict)  # id to [feed, source, sequence]
    full_refresh: bool = False
    follows_failure: bool = False  # the build begun before this one did not finish
    decisions: str = ""  # on proposed links, and on what to do for customers, hashed
    bets: str = ""  # hashed; nothing that is kept from build to build is made from them
    segments: str = ""  # the same

    @property
    def key(self) -> str:
        """Names the inputs: two builds with the same key make the same warehouse."""
        content = json.dumps(
            [
                *(self.as_of_date, self.rules, self.decisions, self.bets, self.segments),
                sorted(self.batches.items()),
            ]
        )
        return hashlib.sha256(content.encode()).hexdigest()[:16]


def current_inputs(settings: Settings, as_of: date) -> Inputs:
    """The inputs as they are now: configuration and model code hashed, and the ledger's batches."""
    return Inputs(
        as_of.isoformat(),
        _rules(settings, as_of),
        accepted_batches(settings),
        decisions=(decisions_hash(settings) if settings.policy.linkage.is_on else "")
        + decided_hash(settings),
        bets=_hash(settings.bets.model_dump_json()),
        segments=_hash(settings.segments.model_dump_json()),
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def accepted_batches(settings: Settings) -> dict[str, list[Any]]:
    """Batch id to [feed, source, sequence] of every batch that counts now."""
    return {
        batch.batch_id: [batch.feed, batch.source, batch.sequence]
        for batch in current_batches(read_ledger(settings))
    }


def are_gone(then: Inputs, now: dict[str, list[Any]]) -> bool:
    """Whether a batch that was built is withdrawn, expired, or was landed again since."""
    return any(now.get(batch) != landed for batch, landed in then.batches.items())


def _rules(settings: Settings, as_of: date) -> str:
    digest = hashlib.sha256()
    variables = dbt_variables(settings, as_of)
    for name in ("as_of_date", "as_of_end_at", "bets", "segments"):  # compared by themselves
        del variables[name]
    feeds = settings.feeds
    dictionaries = [
        feeds.all_questions,
        {name: kind.model_dump() for name, kind in feeds.all_identifier_types.items()},
        sorted(feed.name for feed in feeds.feeds if feed.absent == "erased"),
    ]
    # Each engine has tables of its own: none goes on where the other has stopped.
    digest.update(json.dumps([variables, dictionaries, settings.engine], sort_keys=True).encode())
    for folder in ("models", "macros", "seeds", "snapshots", "dbt_project.yml", "profiles.yml"):
        for file in _code(DBT_PROJECT / folder):
            digest.update(str(file.relative_to(DBT_PROJECT)).encode() + file.read_bytes())
    for file in sorted(ESTIMATORS.glob("*.py")):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _code(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    return sorted(file for file in place.rglob("*") if file.suffix in _CODE_SUFFIXES)


def reasons_to_refresh(settings: Settings, now: Inputs) -> list[str]:
    """Why the warehouse cannot be brought up to date incrementally; empty when it can."""
    built, attempted = recorded(settings, "built"), recorded(settings, "attempted")
    if built is None or not has_candidate(settings):
        return ["there is no finished build to go on from"]
    reasons = []
    if attempted is not None and attempted.key != built.key and attempted.full_refresh:
        reasons.append("the last full refresh did not finish")
    # The warehouse holds what the last whole build left and, on top, what a later one had done
    # before it stopped. Both must be something to go on from.
    for record in (built, attempted or built):
        reasons += _differences(settings, record, now)
    return list(dict.fromkeys(reasons))


def has_candidate(settings: Settings) -> bool:
    """Whether what was built is still there: the candidate and, on Spark, its tables."""
    tables = settings.spark_tables
    if settings.engine == "spark":
        # Who has profiles of their own has the catalog elsewhere, too.
        kept = tables / "catalog" if settings.spark.profiles is None else tables
        return settings.warehouse.exists() and kept.is_dir()
    return settings.warehouse.exists()


def follows_failure(settings: Settings) -> bool:
    """Whether a build was begun after the last finished one."""
    built, attempted = recorded(settings, "built"), recorded(settings, "attempted")
    return attempted is not None and (built is None or attempted.key != built.key)


def _differences(settings: Settings, then: Inputs, now: Inputs) -> list[str]:
    reasons = []
    if then.rules != now.rules:
        reasons.append("configuration, policy or models changed")
    if now.as_of_date < then.as_of_date:
        reasons.append(f"the warehouse holds days after {now.as_of_date}")
    if are_gone(then, now.batches):
        reasons.append("a batch built before is gone or was landed again")
    new = [now.batches[batch] for batch in now.batches.keys() - then.batches.keys()]
    if any(source == "erasure_requests" for _, source, _ in new):
        reasons.append("a person is to be forgotten in every month")
    snapshots = {feed.name for feed in settings.feeds.feeds if feed.delivery == "snapshot"}
    if any(SOURCES[source].monthly and feed in snapshots for feed, source, _ in new):
        reasons.append("a new snapshot replaces months of history")
    return reasons


def recorded(settings: Settings, name: str) -> Inputs | None:
    """The record `built` or `attempted`, or None."""
    found = _read(settings).get(name)
    # A home of another version may have recorded more, or less.
    known = {field.name for field in fields(Inputs)}
    return Inputs(**{k: v for k, v in found.items() if k in known}) if found else None


def record(settings: Settings, name: str, inputs: Inputs) -> None:
    """Keep a record, replacing the file at once so that a crash leaves the old or the new."""
    replace_json(_file(settings), _read(settings) | {name: asdict(inputs)})


def _read(settings: Settings) -> dict[str, Any]:
    file = _file(settings)
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def _file(settings: Settings) -> Path:
    return settings.state / "build" / "inputs.json"
