"""What dbt is told: typed, validated values only, because a dbt variable reaches SQL unescaped."""

from __future__ import annotations

import difflib
import re
from datetime import date
from typing import Any

from saydo.build.as_of import end_of_day
from saydo.config import Feeds, Kpi
from saydo.errors import ConfigError
from saydo.identity.linkage import check_linkage
from saydo.settings import Settings

# What changes from run to run; only the SQL of the models reads it.
RUN_VARIABLES = ("as_of_date", "as_of_end_at", "follows_failure", "follows_release")
# The part of the policy that the models' SQL reads. The rest may change between two builds of one
# warehouse: what the gates tolerate, what is kept, which links are proposed.
POLICY_OF_MODELS: dict[str, Any] = {
    "satisfaction": True,
    "profile": True,
    "identity": True,
    "linkage": {"is_on", "accept_probability"},
}
_FUNCTIONS = frozenset({"abs", "coalesce", "greatest", "least", "ln", "nullif", "power", "sqrt"})
_TOKEN = re.compile(
    r"\s*(?:(?P<word>[a-z][a-z0-9_]*)|(?P<number>\d+(?:\.\d+)?)|(?P<sign>[-+*/(),]))"
)
_DERIVED = frozenset({"day_count"})  # known to the models beside the measures


def dbt_variables(settings: Settings, as_of: date) -> dict[str, Any]:
    """The `--vars` of every dbt invocation.

    Raises:
        ConfigError: a KPI is no arithmetic over measures.
    """
    feeds = settings.feeds
    return {
        "as_of_date": as_of.isoformat(),
        "as_of_end_at": f"{end_of_day(settings, as_of):%Y-%m-%d %H:%M:%S}",
        "business_timezone": feeds.business.timezone,
        "reporting_currency": feeds.business.reporting_currency,
        "measures": [
            {"name": m.name, "aggregate": m.aggregate, "weight": m.weight}
            for m in feeds.all_measures
        ],
        "kpis": [
            {"name": k.name, "expression": k.expression, "good": k.good, "poor": k.poor,
             "weight": k.weight}
            for k in delivered_kpis(feeds)
        ],
        "policy": settings.policy.model_dump(mode="json", include=POLICY_OF_MODELS),
    }  # fmt: skip


def check_configuration(settings: Settings) -> list[str]:
    """Read and check all configuration; the names of the feeds, in the order of the file.

    Raises:
        ConfigError: feeds.yml or policy.yml is wrong, a KPI cannot be read, or linkage is on and
            cannot run.
    """
    check_linkage(settings)
    delivered_kpis(settings.feeds)
    return [feed.name for feed in settings.feeds.feeds]


def delivered_kpis(feeds: Feeds) -> list[Kpi]:
    """The KPIs every measure of which some feed delivers; the others would score nobody.

    Raises:
        ConfigError: an expression is no arithmetic over declared measures.
    """
    delivered = {column for feed in feeds.feeds for column in feed.columns} | _DERIVED
    return [kpi for kpi in feeds.all_kpis if kpi_measures(feeds, kpi) <= delivered]


def kpi_measures(feeds: Feeds, kpi: Kpi) -> set[str]:
    """The measures a KPI is computed from, read token by token.

    Raises:
        ConfigError: a token is neither a measure, a number, a sign nor one of a few functions.
    """
    known = {measure.name for measure in feeds.all_measures} | _DERIVED
    used: set[str] = set()
    text, at = kpi.expression.strip(), 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None or text[at:].lstrip().startswith(("--", "/*")):
            raise ConfigError(
                f"kpis.{kpi.name}: cannot read {text[at:].lstrip()[:20]!r}; an expression holds "
                "measures, numbers, + - * / ( ) and " + ", ".join(sorted(_FUNCTIONS))
            )
        at = token.end()
        word = token["word"]
        if word is None or (word in _FUNCTIONS and text[at:].lstrip().startswith("(")):
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
    return used
