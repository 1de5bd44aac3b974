"""What dbt is told: typed, validated values only, because a dbt variable reaches SQL unescaped."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from datetime import date
from typing import Any

from saydo.build.arithmetic import TOKEN, in_doubles
from saydo.build.as_of import end_of_day
from saydo.build.spark_session import check_installed
from saydo.config import Feeds, Kpi, Policy
from saydo.config.chain import chain_samples
from saydo.config.measure_names import FUNCTIONS
from saydo.errors import ConfigError
from saydo.identity.linkage import check_linkage
from saydo.metrics import definitions
from saydo.settings import Settings

# What changes from run to run; only the SQL of the models reads it.
RUN_VARIABLES = ("as_of_date", "as_of_end_at", "follows_failure", "bets", "segments")
# The part of the policy that the models' SQL reads. The rest may change between two builds of one
# warehouse: what the gates tolerate, what is kept, which links are proposed.
POLICY_OF_MODELS: dict[str, Any] = {
    "satisfaction": True,
    "profile": True,
    "segments": True,
    "weighting": {"margins"},
    "scorecard": {"features"},
    "chain": {"edge", "segments", "questions"},
    "experiments": {"horizon_months"},
    "recovery": {
        "version",
        "look_back_days",
        "factor",
        "min_credit",
        "max_credit",
        "consent",
    },
    "events": True,
    "journeys": {"gap_days", "answer_days"},
    "flux": {"spend_change_ratio"},
    "next_services": {"horizon_days"},
    "influence": True,
    "identity": True,
    "linkage": {"is_on", "accept_probability"},
}
_DERIVED = frozenset({"day_count"})  # known to the models beside the measures


def dbt_variables(settings: Settings, as_of: date) -> dict[str, Any]:
    """The `--vars` of every dbt invocation.

    Raises:
        ConfigError: a KPI is no arithmetic over measures.
    """
    return {
        "as_of_date": as_of.isoformat(),
        "as_of_end_at": f"{end_of_day(settings, as_of):%Y-%m-%d %H:%M:%S}",
        "bets": [bet.for_models() for bet in settings.bets.bets],
        "segments": [segment.for_models() for segment in settings.segments.segments],
    } | rule_variables(settings.feeds, delivered_kpis(settings.feeds), settings.policy)


def rule_variables(feeds: Feeds, kpis: Iterable[Kpi], policy: Policy) -> dict[str, Any]:
    """Those of them that say how the business counts, and stay from run to run."""
    kpis = list(kpis)
    samples = chain_samples(
        policy.chain, [kpi.name for kpi in kpis], policy.profile.tenure_band_months
    )
    return {
        "business_timezone": feeds.business.timezone,
        "reporting_currency": feeds.business.reporting_currency,
        "measures": [
            {"name": m.name, "aggregate": m.aggregate, "weight": m.weight,
             "is_duration": m.is_duration}
            for m in feeds.all_measures
        ],
        "kpis": [
            {"name": k.name, "expression": in_doubles(k.expression), "good": k.good,
             "poor": k.poor, "weight": k.weight}
            for k in kpis
        ],
        "chain_samples": [sample._asdict() for sample in samples],
        "policy": policy.model_dump(mode="json", include=POLICY_OF_MODELS),
    }  # fmt: skip


def check_configuration(settings: Settings) -> list[str]:
    """Read and check all configuration; the names of the feeds, in the order of the file.

    Raises:
        ConfigError: a file of the configuration is wrong, a name of metrics.yml stands for two
            things, a KPI cannot be read, the budget is in another currency, or linkage is on, or
            Spark the engine, and cannot run.
    """
    check_linkage(settings)
    if settings.engine == "spark" and settings.spark.profiles is None:
        check_installed()
    delivered_kpis(settings.feeds)
    _check_currency(settings)
    _ = settings.bets, settings.segments, settings.collect, settings.notices_to
    _ = settings.publish, definitions()
    return [feed.name for feed in settings.feeds.feeds]


def _check_currency(settings: Settings) -> None:
    ours, theirs = settings.feeds.business.reporting_currency, settings.policy.recovery.currency
    if theirs not in (None, ours):
        raise ConfigError(
            f"recovery.currency of policy.yml is {theirs}, and there is no rate from it: budget "
            f"and credits are in the reporting currency, give them in {ours}"
        )


def delivered_kpis(feeds: Feeds) -> list[Kpi]:
    """The KPIs every measure of which some feed delivers; the others would score nobody.

    Raises:
        ConfigError: an expression is no arithmetic over declared measures.
    """
    delivered = {column for feed in feeds.feeds for column in feed.columns} | _DERIVED
    if any(feed.source == "network_sessions" for feed in feeds.feeds):
        delivered.add("session_count")  # a session is one, unless its feed says otherwise
    return [kpi for kpi in feeds.all_kpis if kpi_measures(feeds, kpi) <= delivered]


def kpi_measures(feeds: Feeds, kpi: Kpi) -> set[str]:
    """The measures a KPI is computed from, read token by token.

    Raises:
        ConfigError: a token is neither a measure, a number, a sign nor one of a few functions.
    """
    known = {measure.name for measure in feeds.all_measures} | _DERIVED
    used: set[str] = set()
    text, at = kpi.expression.strip(), 0
    grammar = _Arithmetic()
    while at < len(text):
        token = TOKEN.match(text, at)
        if token is None or text[at:].lstrip().startswith(("--", "/*")):
            raise ConfigError(
                f"kpis.{kpi.name}: cannot read {text[at:].lstrip()[:20]!r}; an expression holds "
                "measures, numbers, + - * / ( ) and " + ", ".join(sorted(FUNCTIONS))
            )
        at = token.end()
        word = token["word"]
        is_function = word in FUNCTIONS and text[at:].lstrip().startswith("(")
        if not grammar.goes_on(token[0].strip(), is_function):
            raise ConfigError(
                f"kpis.{kpi.name}: {token[0].strip()!r} after {text[: token.start()]!r} is no "
                "arithmetic; look for a sign, a measure or a bracket too many or too few"
            )
        if word is None or is_function:
            continue
        if word not in known:
            near = difflib.get_close_matches(word, known, 1)
            raise ConfigError(
                f"kpis.{kpi.name}: unknown measure {word!r}; "
                + (f"did you mean {near[0]!r}?" if near else "declare it under `measures`")
            )
        used.add(word)
    if not used:
        raise ConfigError(f"kpis.{kpi.name}: {text!r} uses no measure")
    if not grammar.is_whole:
        raise ConfigError(
            f"kpis.{kpi.name}: {text!r} ends too early; close its brackets and complete it"
        )
    return used


class _Arithmetic:
    """Whether tokens in turn are values, signs between them, and brackets around."""

    def __init__(self) -> None:
        self._wants_value = True
        self._brackets: list[bool] = []  # of those open: whether a function's
        self._called = False

    @property
    def is_whole(self) -> bool:
        return not self._wants_value and not self._brackets

    def goes_on(self, part: str, is_function: bool) -> bool:
        """Take the next token; False if it cannot stand here."""
        called, self._called = self._called, is_function
        if part == "(":
            self._brackets.append(called)
            return self._wants_value
        if part == ")":
            fits = not self._wants_value and bool(self._brackets)
            del self._brackets[-1:]
            return fits
        if part == ",":
            fits = not self._wants_value and bool(self._brackets) and self._brackets[-1]
            self._wants_value = True
            return fits
        if part in "+-":
            self._wants_value = True
            return True
        if part in "*/":
            fits, self._wants_value = not self._wants_value, True
            return fits
        fits, self._wants_value = self._wants_value, is_function
        return fits
