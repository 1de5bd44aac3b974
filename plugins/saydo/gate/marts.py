"""gate_marts: is the candidate fit to be published?"""

from __future__ import annotations

import logging
from typing import Any

from saydo.errors import ReleaseRefused
from saydo.gate.engine import Engine, Outcome, open_engine
from saydo.gate.results import finding_text, store, warning_text
from saydo.gate.rules import RuleError, Suite
from saydo.gate.suites import check_rules, load_suites, suite_names
from saydo.notices import from_sentence, tell
from saydo.release import current_release_id, read_manifest
from saydo.release.audit import identify
from saydo.room import explains
from saydo.settings import Settings

logger = logging.getLogger(__name__)

_NEXT = "Nothing is published; the last release keeps serving. Fix the cause and run again."


@explains("checking the candidate", "nothing is published and the last release keeps serving")
def gate_marts(settings: Settings) -> dict[str, Any]:
    """Evaluate the suite of every table in schema `marts` of the candidate, opened read-only.

    Results go to `state/gate/marts`, whatever the verdict. What was audited is told by hashes, so
    that `publish` writes nothing else; an audit that does not come to its end leaves none behind.

    Returns:
        the summary: success, content_hash, table_hashes, evaluated_count, warning_count, failed by
        severity, warnings (text), suites.

    Raises:
        ReleaseRefused: a critical expectation failed or one raised, a published table has no
            suite or a suite no table, a rule is misspelt, a column cannot be published, nothing
            was there to check, or a table has lost all the rows it had in the last release.
    """
    results = settings.state / "gate" / "marts"
    (results / "summary.json").unlink(missing_ok=True)
    if not settings.warehouse.exists():
        raise ReleaseRefused(
            f"{settings.warehouse} does not exist: there is no candidate to check. "
            "Build the warehouse first."
        )
    with open_engine(settings.warehouse, settings) as engine:
        tables = engine.tables("marts")
        suites = _suites(settings, engine, tables)
        audited = identify(engine.connection, settings.warehouse.stem)
        outcomes = []
        for suite in suites:
            outcome = engine.validate(suite, "marts")
            logger.info(
                "%s: %d rows, %d expectations, %d critical and %d warning failed",
                suite.name,
                outcome.row_count,
                outcome.evaluated_count,
                len(outcome.critical),
                len(outcome.warnings),
            )
            outcomes.append(outcome)
    problems = _problems(suites, outcomes, _published_rows(settings))
    summary = store(results, outcomes, success=not problems, **audited)
    tell(
        settings,
        "gate_marts",
        [from_sentence(o.suite, warning_text(finding)) for o in outcomes for finding in o.warnings],
    )
    if problems:
        raise ReleaseRefused("\n".join(["The candidate is refused.", *problems, _NEXT]))
    return summary


def _suites(settings: Settings, engine: Engine, tables: list[str]) -> list[Suite]:
    """The checked suites of the candidate's tables; nothing has been evaluated yet."""
    if not tables:
        raise ReleaseRefused(
            "The candidate has no table in schema marts: nothing would be checked. " + _NEXT
        )
    if missing := sorted(set(suite_names("marts")) - set(tables)):
        raise ReleaseRefused(
            f"The candidate has no table for the suites of {', '.join(missing)}. {_NEXT}"
        )
    try:
        suites = list(load_suites("marts", tables, settings.policy, settings.feeds).values())
        for suite in suites:
            check_rules(suite, "marts", engine)
    except RuleError as error:
        raise ReleaseRefused(
            f"The rules are wrong, nothing was evaluated.\n{error}\n{_NEXT}"
        ) from None
    return suites


def _published_rows(settings: Settings) -> dict[str, int]:
    """Rows of each table in the release that readers see; nothing before the first one."""
    release_id = current_release_id(settings)
    return read_manifest(settings, release_id)["row_counts"] if release_id else {}


def _problems(suites: list[Suite], outcomes: list[Outcome], published: dict[str, int]) -> list[str]:
    problems = []
    for suite, outcome in zip(suites, outcomes, strict=True):
        if outcome.row_count == 0 and not suite.may_be_empty:
            problems.append(f"  suite {suite.name}: the table has no row, so nothing was checked")
        elif outcome.row_count == 0 and published.get(suite.table):
            problems.append(
                f"  suite {suite.name}: the table has no row, and {published[suite.table]:,} in "
                "the last release: look at which batches were withdrawn, expired or replaced since"
            )
        if outcome.evaluated_count == 0:
            problems.append(f"  suite {suite.name}: no expectation was evaluated")
        problems += [finding_text(suite.name, finding) for finding in outcome.critical]
    return problems
