"""The estimate `experience_effects`: every link from service to satisfaction to behaviour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from saydo.config import Policy
from saydo.estimate.chain.effect import Effect
from saydo.estimate.chain.figures import adjust_rows, rounded, shared_decimals
from saydo.estimate.chain.jackknife import Estimand, infer
from saydo.estimate.chain.links import ALL, APART, BANDS, OUTCOMES, SIDES, Chain
from saydo.estimate.chain.sums import READS
from saydo.estimate.chain.units import POINT, unit_of
from saydo.estimate.estimator import Estimate, Estimator

SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("link", "band")]
    + [("lag_months", pa.int64())]
    + [(name, pa.string()) for name in ("exposure_code", "outcome_code", "unit")]
    + [
        (name, pa.float64())
        for name in (
            "estimate", "standard_error", "ci_low", "ci_high", "p_value", "adjusted_p_value",
        )
    ]
    + [(name, pa.int64()) for name in ("customer_count", "observation_count")]
    + [
        (name, pa.float64())
        for name in (
            "pooled_estimate", "lead_p_value", "mediated_share", "sensitivity_low",
            "sensitivity_high",
        )
    ]
    + [("is_publishable", pa.bool_())]
    + [(name, pa.string()) for name in ("not_publishable_reason", "method")]
)  # fmt: skip


def run(sums: Mapping[str, pa.Table], policy: Policy, as_of: date) -> Estimate:
    """One row per link, band of satisfaction and lag, whether or not it can be estimated.

    Units stand in each row. Of service to an outcome, direct and via satisfaction add up to the
    whole, to the last digit. p-values are adjusted over all rows that have one.
    """
    chain = Chain(sums, policy.chain)
    rows = [*_to_satisfaction(chain), *_parts(chain), *_questions(chain)]
    for outcome in OUTCOMES:
        rows += [*_behaviour(chain, outcome), *_decomposed(chain, outcome)]
    adjust_rows(rows)
    published = sum(row["is_publishable"] for row in rows)
    told = {"links": len(rows), "publishable": published, "has_leak": chain.has_leak}
    return Estimate(pa.Table.from_pylist(rows, SCHEMA), told)


def _service(chain: Chain) -> str:
    return f"{chain.policy.service_change:g} points of the experience score (0-100)"


def _to_satisfaction(chain: Chain) -> Iterator[dict[str, Any]]:
    for lag in (0, 1):
        effect = chain.satisfaction(lag)
        names = ("service", "satisfaction", unit_of("satisfaction", _service(chain)))
        row = _row("service_to_satisfaction", ALL, lag, names, effect)
        if effect.within is not None:
            weighted = [e.within for e in (effect, *chain.tilted_satisfaction(lag)) if e.within]
            told = [infer(estimand) for estimand in weighted]
            row["sensitivity_low"] = rounded(min(each.ci_low for each in told))
            row["sensitivity_high"] = rounded(max(each.ci_high for each in told))
        yield row


def _parts(chain: Chain) -> Iterator[dict[str, Any]]:
    for kpi in chain.parts:
        names = (kpi, "satisfaction", unit_of("satisfaction", f"unit of {kpi}"))
        yield _row(f"{kpi}_to_satisfaction", ALL, 0, names, chain.part(kpi))


def _questions(chain: Chain) -> Iterator[dict[str, Any]]:
    for question in chain.policy.questions:
        for lag in (0, 1):
            effect = chain.satisfaction(lag, f"question_{question}")
            names = ("service", question, unit_of(question, _service(chain)))
            yield _row(f"service_to_{question}", ALL, lag, names, effect)
        for outcome in ("revenue", "new_service"):
            effect = chain.question(question, outcome)
            names = (question, outcome, unit_of(outcome, f"point of {question}"))
            yield _row(f"{question}_to_{outcome}", ALL, 1, names, effect)


def _behaviour(chain: Chain, outcome: str) -> Iterator[dict[str, Any]]:
    names = ("satisfaction", outcome, unit_of(outcome, POINT))
    for band in (*BANDS, APART):
        effect = chain.behaviour(outcome, band)
        yield _row(f"satisfaction_to_{outcome}", band, 1, names, effect)


def _decomposed(chain: Chain, outcome: str) -> Iterator[dict[str, Any]]:
    names = ("service", outcome, unit_of(outcome, _service(chain)))
    for band in (ALL, *SIDES):
        direct, via = chain.direct(outcome, band), chain.via(outcome, band)
        whole = direct + via
        rows = [
            _row(f"service_to_{outcome}{ending}", band, 1, names, effect)
            for ending, effect in (
                ("_direct", direct), ("_via_satisfaction", via), ("", whole),
            )
        ]  # fmt: skip
        for figure, values in (
            ("estimate", [effect.within for effect in (direct, via)]),
            ("pooled_estimate", [effect.pooled for effect in (direct, via)]),
        ):
            _add_up(rows, figure, values)
        if whole.within is not None:
            share = _share(direct.within.estimate, via.within.estimate)
            rows[1]["mediated_share"] = rows[2]["mediated_share"] = rounded(share)
        yield from rows


def _add_up(rows: list[dict[str, Any]], figure: str, values: list[Estimand | None]) -> None:
    """Parts and whole with the same decimals, in which the smaller part still has digits."""
    if None in values:
        return
    places = shared_decimals(*(value.estimate for value in values))
    parts = [round(value.estimate, places) for value in values]
    for row, value in zip(rows, (*parts, round(sum(parts), places)), strict=True):
        row[figure] = value
        if figure == "estimate":  # the ends of the interval are rounded by themselves
            row["ci_low"], row["ci_high"] = min(row["ci_low"], value), max(row["ci_high"], value)


def _share(direct: float, via: float) -> float | None:
    """What part of the whole goes through satisfaction, 0-1; none where both oppose each other."""
    return via / (direct + via) if direct * via >= 0 and direct + via else None


def _row(
    link: str, band: str, lag: int, names: tuple[str, str, str], effect: Effect
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "link": link,
        "band": band,
        "lag_months": lag,
        **dict(zip(("exposure_code", "outcome_code", "unit"), names, strict=True)),
        "customer_count": effect.customer_count,
        "observation_count": effect.observation_count,
        "pooled_estimate": rounded(effect.pooled.estimate) if effect.pooled else None,
        "lead_p_value": effect.lead_p_value,
        "is_publishable": effect.is_publishable,
        "not_publishable_reason": effect.reason,
        "method": effect.method,
    }
    if effect.within is not None:
        told = infer(effect.within)
        row |= {
            name: rounded(getattr(told, name))
            for name in ("estimate", "standard_error", "ci_low", "ci_high")
        } | {"p_value": told.p_value}
    return row


EXPERIENCE_EFFECTS = Estimator("experience_effects", READS, SCHEMA, run)
