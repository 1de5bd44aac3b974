"""check_sources: may the new batches go in?"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from saydo.contract import SOURCES
from saydo.engine import spill_folder
from saydo.errors import DeliveryRefused
from saydo.gate.deliveries import build_database, history_folder
from saydo.gate.engine import Engine, Finding, Outcome, open_engine
from saydo.gate.facts import Facts, save
from saydo.gate.results import finding_text, store, summarise, warning_text
from saydo.gate.rules import RuleError, Suite
from saydo.gate.samples import row_text
from saydo.gate.suites import check_rules, load_suites, suite_names
from saydo.landing import change_entry, remove_batch
from saydo.landing.commit import batch_folder, side_files
from saydo.landing.ledger import Batch, current_batches, is_as_decided, read_entry, read_ledger
from saydo.landing.raw import retire_replaced
from saydo.landing.refusals import hold_or_go_on
from saydo.landing.telling import batch_notices
from saydo.notices import tell
from saydo.release import current_release_id, read_manifest
from saydo.room import explains
from saydo.settings import Settings

logger = logging.getLogger(__name__)

_NEXT = (
    "Nothing of a refused file is loaded, and the last release keeps serving. Replace or remove "
    "the file, or change its feed or the policy, and run again."
)
_DOING = "checked"  # for the log, should a batch be changed meanwhile
_NO_ROW = (
    "  no row, so nothing was checked. If this feed's files may be empty, say "
    "`expect: {min_rows: 0}`"
)


@explains("checking deliveries", "what was landed waits for the next check")
def check_sources(settings: Settings) -> dict[str, Any]:
    """Evaluate the suite of its source on every batch that waits for it, and accept or refuse it.

    All new batches of a source are evaluated together, and each failure is told apart by batch.
    Results go to `state/gate/sources`. A verdict counts for the batch that was looked at: one that
    was withdrawn meanwhile stays so, and one whose rows were changed is checked by the next run.

    Returns:
        batch_count, evaluated_count, failed by severity, warnings (text), suites; without a new
        batch all are zero and Great Expectations is not even imported.

    Raises:
        DeliveryRefused: some batch was refused (the others are accepted) and policy is to hold, or
            a rule or a suite is wrong or missing (then no batch is touched).
    """
    ledger = read_ledger(settings)
    _sweep(settings, ledger)
    waiting = [batch for batch in ledger if batch.status == "landed"]
    batches = [b for b in waiting if b.loaded_count > 0 and _has_data(settings, b)]
    refused = _settle_empty(settings, [batch for batch in waiting if batch not in batches])
    replaced = {batch.replaces for batch in waiting} - {None}  # by what is landed again
    earlier = [
        batch
        for batch in current_batches(ledger)
        if not {batch.batch_id, batch.replay_of} & replaced
    ]
    batches, facts, outcomes = _evaluate(settings, batches, earlier)
    summary = {"success": True} | summarise([])
    if batches:
        more = _decide(settings, batches, facts, outcomes)
        folder = settings.state / "gate" / "sources"
        summary = store(folder, list(outcomes.values()), success=not more)
        refused |= more
    tell(settings, "check_sources", batch_notices(_not_published(settings)))
    told = [f"{where}: {why}" for where, why in refused.items()]
    hold_or_go_on(settings, "check_sources", told, _message(refused, len(waiting)))
    return {"batch_count": len(waiting), **summary}


def _evaluate(
    settings: Settings, batches: list[Batch], earlier: Sequence[Batch]
) -> tuple[list[Batch], dict[str, Facts], dict[str, Outcome]]:
    """The batches that were evaluated, their measurements and the outcome of each source's suite.

    Where a batch whose files go meanwhile takes all of its source down, or the whole evaluation,
    the others are evaluated again without it.
    """
    while batches:
        failure: Exception | None = None
        try:
            facts, outcomes = _look_at(settings, batches, earlier)
        except Exception as error:
            failure = error
        kept = [b for b in batches if is_as_decided(read_entry(settings, b.batch_id), b)]
        if len(kept) == len(batches) and failure:
            raise failure
        if len(kept) == len(batches) or not (failure or _is_any_indivisible(outcomes)):
            return batches, facts, outcomes
        gone = ", ".join(batch.batch_id for batch in batches if batch not in kept)
        logger.warning("%s: changed while it was checked: the others are checked again", gone)
        batches = kept
    return [], {}, {}


def _look_at(
    settings: Settings, batches: Sequence[Batch], earlier: Sequence[Batch]
) -> tuple[dict[str, Facts], dict[str, Outcome]]:
    with spill_folder(settings) as folder:  # gone, like what spills, when this process is killed
        database = folder / "deliveries.duckdb"
        facts = build_database(database, settings, batches, earlier)
        with open_engine(database, settings) as engine:
            suites = _suites(settings, engine, sorted({batch.source for batch in batches}))
            outcomes = {s: engine.validate(suite, "main") for s, suite in suites.items()}
    return facts, outcomes


def _is_any_indivisible(outcomes: dict[str, Outcome]) -> bool:
    """Whether something refuses every batch of a source, so that one may do it to the others."""
    return any(not finding.rows for outcome in outcomes.values() for finding in outcome.critical)


def _decide(
    settings: Settings,
    batches: Sequence[Batch],
    facts: dict[str, Facts],
    outcomes: dict[str, Outcome],
) -> dict[str, str]:
    """Accept or refuse each batch; those refused, with the reason."""
    refused = {}
    for batch in batches:
        outcome = outcomes[batch.source]
        findings = [own for finding in outcome.findings for own in _of_batch(finding, batch)]
        mine = facts[batch.batch_id]
        if reason := _problems(outcome, findings) if mine.row_count else _NO_ROW:
            if _refuse(settings, batch, reason):
                refused[_where(batch)] = reason
            continue
        # First: an accepted batch without measurements would be passed over in comparisons.
        save(history_folder(settings), mine)
        _accept(settings, batch, [warning_text(finding) for finding in findings])
    return refused


def _not_published(settings: Settings) -> list[Batch]:
    """The accepted batches that the current release is without: what is to be known of them has not
    been published either, should the run stop that accepted them.
    """
    current = current_release_id(settings)
    published = set(read_manifest(settings, current)["batch_ids"]) if current else set()
    accepted = current_batches(read_ledger(settings))
    return [batch for batch in accepted if batch.batch_id not in published]


def _of_batch(finding: Finding, batch: Batch) -> list[Finding]:
    """A batch's part of a finding about all new batches of its source; empty if it has none.

    What cannot be told apart, such as an expectation that raised, is every batch's.
    """
    if not finding.rows:
        return [finding]
    rows = [
        {column: value for column, value in row.items() if column != "_batch_id"}
        for row in finding.rows
        if row["_batch_id"] == batch.batch_id
    ]
    if not rows:
        return []
    own = replace(finding, observed=row_text(rows[0]), rows=tuple(rows))
    return [replace(part, rows=part.rows[1:]) for part in own.told]


def _suites(settings: Settings, engine: Engine, sources: list[str]) -> dict[str, Suite]:
    """The checked suites of these sources. All others are built too: a misspelt rule fails now."""
    try:
        built = load_suites("sources", SOURCES, settings.policy, settings.feeds)
        load_suites("marts", suite_names("marts"), settings.policy, settings.feeds)
        suites = {source: built[source] for source in sources}
        for suite in suites.values():
            check_rules(suite, "main", engine)
    except RuleError as error:
        raise DeliveryRefused(
            f"The rules are wrong, nothing was evaluated and no batch was touched.\n{error}\n"
            "Correct the module named above and run again; the last release keeps serving."
        ) from None
    return suites


def _problems(outcome: Outcome, findings: Sequence[Finding]) -> str:
    """Why a batch is refused, or an empty text."""
    problems = [finding_text(outcome.suite, f) for f in findings if f.is_critical]
    if outcome.evaluated_count == 0:
        problems.append(f"  suite {outcome.suite}: no expectation was evaluated")
    return "\n".join(problems)


def _accept(settings: Settings, batch: Batch, warnings: Sequence[str] = ()) -> None:
    def accepted(now: Batch) -> dict[str, Any]:
        return {"status": "accepted", "warnings": [*now.warnings, *warnings]}

    retire = partial(retire_replaced, settings)
    if change_entry(settings, batch, accepted, _DOING, then=retire):
        logger.info("%s: %d rows accepted", batch.batch_id, batch.loaded_count)


def _settle_empty(settings: Settings, batches: Sequence[Batch]) -> dict[str, str]:
    """A batch without rows goes in only where its feed says that a file may be empty."""
    may_be_empty = {feed.name for feed in settings.feeds.feeds if feed.expect.min_rows == 0}
    refused = {}
    for batch in batches:
        if batch.feed in may_be_empty and batch.loaded_count == 0:
            _accept(settings, batch)
        elif _refuse(settings, batch, _NO_ROW):
            refused[_where(batch)] = _NO_ROW
    return refused


def _refuse(settings: Settings, batch: Batch, reason: str) -> bool:
    """False: the batch was changed meanwhile and is left as it is."""
    changes = {"status": "refused", "refused_reason": reason.strip()}
    # The ledger first: killed in between, the next run sweeps the data away.
    remove = partial(_remove, settings)
    if change_entry(settings, batch, lambda _: changes, _DOING, then=remove) is None:
        return False
    logger.error("%s refused: %s", _where(batch), reason.strip())
    return True


def _sweep(settings: Settings, ledger: Sequence[Batch]) -> None:
    for batch in ledger:
        if batch.is_in_use or batch.status == "duplicate":
            continue
        where = (settings, batch.source, batch.batch_id)
        if any(left.exists() for left in (batch_folder(*where), *side_files(*where))):
            # A file delivered again has the same batch: what is there may be wanted by now.
            change_entry(settings, batch, lambda _: {}, "swept", then=partial(_remove, settings))


def _remove(settings: Settings, batch: Batch) -> None:
    remove_batch(settings, batch.source, batch.batch_id)


def _has_data(settings: Settings, batch: Batch) -> bool:
    return batch_folder(settings, batch.source, batch.batch_id).exists()


def _where(batch: Batch) -> str:
    return f"{batch.batch_id} (feed {batch.feed}, file {batch.file_name})"


def _message(refused: dict[str, str], batch_count: int) -> str:
    head = f"{len(refused)} of {batch_count} new batches refused."
    return "\n".join([head, *(f"{where}\n{why}" for where, why in refused.items()), _NEXT])
