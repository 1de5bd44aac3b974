"""check_sources: may the new batches go in?"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from saydo.contract import SOURCES
from saydo.errors import DeliveryRefused
from saydo.gate.deliveries import build_database, history_folder
from saydo.gate.engine import Engine, Finding, Outcome, open_engine
from saydo.gate.facts import Facts, save
from saydo.gate.results import finding_text, store, summarise, warning_text
from saydo.gate.samples import row_text
from saydo.gate.suites import RuleError, Suite, check_rules, load_suites, suite_names
from saydo.landing import remove_batch
from saydo.landing.ledger import Batch, read_ledger, write_entry
from saydo.settings import Settings

logger = logging.getLogger(__name__)

_NEXT = (
    "Nothing of a refused file is loaded, and the last release keeps serving. Replace or remove "
    "the file, or change its feed or the policy, and run again."
)
_NO_ROW = (
    "  no row, so nothing was checked. If this feed's files may be empty, say "
    "`expect: {min_rows: 0}`"
)


def check_sources(settings: Settings) -> dict[str, Any]:
    """Evaluate the suite of its source on every batch that waits for it, and accept or refuse it.

    All new batches of a source are evaluated together, and each failure is told apart by batch.
    Results go to `state/gate/sources`.

    Returns:
        batch_count, evaluated_count, failed by severity, warnings (text), suites; without a new
        batch all are zero and Great Expectations is not even imported.

    Raises:
        DeliveryRefused: some batch was refused (the others are accepted), or a rule or a suite is
            wrong or missing (then no batch is touched).
    """
    ledger = read_ledger(settings)
    _sweep(settings, ledger)
    waiting = [batch for batch in ledger if batch.status == "landed"]
    batches = [b for b in waiting if b.loaded_count > 0 and _data(settings, b).exists()]
    refused = _settle_empty(settings, [batch for batch in waiting if batch not in batches])
    summary = {"success": True} | summarise([])
    if batches:
        earlier = [batch for batch in ledger if batch.status == "accepted"]
        with tempfile.TemporaryDirectory(prefix="saydo-gate-") as folder:
            database = Path(folder) / "deliveries.duckdb"
            facts = build_database(database, settings, batches, earlier)
            with open_engine(database, settings) as engine:
                summary, more = _evaluate(settings, engine, batches, facts)
        refused |= more
    if refused:
        raise DeliveryRefused(_message(refused, len(waiting)))
    return {"batch_count": len(waiting), **summary}


def _evaluate(
    settings: Settings, engine: Engine, batches: Sequence[Batch], facts: dict[str, Facts]
) -> tuple[dict[str, Any], dict[str, str]]:
    suites = _suites(settings, engine, sorted({batch.source for batch in batches}))
    outcomes, refused = [], {}
    for source, suite in suites.items():
        outcome = engine.validate(suite, "main")
        outcomes.append(outcome)
        for batch in batches:
            if batch.source != source:
                continue
            findings = [own for f in outcome.findings if (own := _of_batch(f, batch)) is not None]
            mine = facts[batch.batch_id]
            reason = _problems(outcome, findings) if mine.row_count else _NO_ROW
            _decide(settings, batch, outcome.suite, findings, reason, mine)
            if reason:
                refused[_where(batch)] = reason
    summary = store(settings.state / "gate" / "sources", outcomes, success=not refused)
    return summary, refused


def _of_batch(finding: Finding, batch: Batch) -> Finding | None:
    """A batch's part of a finding about all new batches of its source; None if it has none.

    What cannot be told apart, such as an expectation that raised, is every batch's.
    """
    if not finding.rows:
        return finding
    rows = [
        {column: value for column, value in row.items() if column != "_batch_id"}
        for row in finding.rows
        if row["_batch_id"] == batch.batch_id
    ]
    if not rows:
        return None
    return replace(finding, observed=row_text(rows[0]), rows=tuple(rows[1:]))


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


def _decide(
    settings: Settings,
    batch: Batch,
    suite: str,
    findings: Sequence[Finding],
    reason: str,
    facts: Facts,
) -> None:
    if reason:
        _refuse(settings, batch, reason)
        return
    warnings = [warning_text(suite, finding) for finding in findings]
    for warning in warnings:
        logger.warning("%s: %s", batch.batch_id, warning)
    save(history_folder(settings), facts)
    _write(settings, batch, status="accepted", warnings=[*batch.warnings, *warnings])
    logger.info("%s: %d rows accepted", batch.batch_id, batch.loaded_count)


def _settle_empty(settings: Settings, batches: Sequence[Batch]) -> dict[str, str]:
    """A batch without rows goes in only where its feed says that a file may be empty."""
    may_be_empty = {feed.name for feed in settings.feeds.feeds if feed.expect.min_rows == 0}
    refused = {}
    for batch in batches:
        if batch.feed in may_be_empty and batch.loaded_count == 0:
            _write(settings, batch, status="accepted")
            continue
        _refuse(settings, batch, _NO_ROW)
        refused[_where(batch)] = _NO_ROW
    return refused


def _refuse(settings: Settings, batch: Batch, reason: str) -> None:
    # The ledger first: killed in between, the next run sweeps the data away.
    _write(settings, batch, status="refused", refused_reason=reason.strip())
    remove_batch(settings, batch.source, batch.batch_id)
    logger.error("%s refused: %s", _where(batch), reason.strip())


def _sweep(settings: Settings, ledger: Sequence[Batch]) -> None:
    for batch in ledger:
        if batch.status in ("refused", "withdrawn"):
            remove_batch(settings, batch.source, batch.batch_id)


def _data(settings: Settings, batch: Batch) -> Path:
    return settings.raw / batch.source / f"batch={batch.batch_id}"


def _write(settings: Settings, batch: Batch, **changes: Any) -> None:
    write_entry(settings, batch.model_copy(update=changes))


def _where(batch: Batch) -> str:
    return f"{batch.batch_id} (feed {batch.feed}, file {batch.file_name})"


def _message(refused: dict[str, str], batch_count: int) -> str:
    head = f"{len(refused)} of {batch_count} new batches refused."
    return "\n".join([head, *(f"{where}\n{why}" for where, why in refused.items()), _NEXT])
