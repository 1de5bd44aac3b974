"""The links of the chain: each an effect, from the sample that it is seen in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

import pyarrow as pa

from saydo.config.chain import ChainPolicy
from saydo.estimate.chain import reasons
from saydo.estimate.chain.effect import Effect
from saydo.estimate.chain.jackknife import Estimand, infer
from saydo.estimate.chain.leak import has_leak
from saydo.estimate.chain.regression import Fit, Moments, fit, pooled_moments, within_moments
from saydo.estimate.chain.sums import EVERYBODY, SCORES, Sample, read_samples

ALL, BELOW, ABOVE, APART = "all", "below_edge", "above_edge", "below_less_above"
SIDES = (BELOW, ABOVE)
BANDS = (ALL, *SIDES)
# Outcomes, and the variables of samples that they are.
OUTCOMES = {"revenue": "revenue", "new_service": "new_services", "churn": "churned"}

LINEAR = "within customers and months, least squares"
PIECEWISE = "within customers and months, least squares, two slopes at the edge"
HAZARD = "monthly hazard, linear probability, by deviations from the customer's mean so far"
POOLED = "pooled, cross-sectional"

# Fewer leave a jackknife too few to learn an error from.
LEAST_GROUPS = 20

Regressors = Mapping[str, tuple[str, ...]]
_SERVICE: Regressors = {"service": ("service",), "service_before": ("service_before",)}
_SLOPE: Regressors = {ALL: ("below", "above")}
_SLOPES: Regressors = {BELOW: ("below",), ABOVE: ("above",)}


class Chain:
    """What the sums say of each link of the chain.

    Effects of service are per policy.service_change points of the experience score; all others per
    unit of what is exposed: a point of the score, a unit of the KPI.
    """

    def __init__(self, tables: Mapping[str, pa.Table], policy: ChainPolicy) -> None:
        self.policy = policy
        self._samples = read_samples(tables)
        self._scores = tables[SCORES]
        self._moments: dict[tuple[str, bool], Moments] = {}

    @cached_property
    def has_leak(self) -> bool:
        """Whether the score was made of who left."""
        return has_leak(self._scores)

    @property
    def parts(self) -> tuple[str, ...]:
        """The KPIs that satisfaction may come from, as variables."""
        sample = self.sample("parts")
        return sample.variables[1:] if sample else ()

    def sample(self, code: str) -> Sample | None:
        """Everybody's sums of a sample, if it has an observation."""
        return self._samples.get((code, *EVERYBODY))

    def segments(self, code: str) -> dict[tuple[str, str], Sample]:
        """Sums of a sample by segment type and code."""
        return {
            key[1:]: sample
            for key, sample in self._samples.items()
            if key[0] == code and key[1:] != EVERYBODY
        }

    def satisfaction(self, lag: int, code: str = "satisfaction") -> Effect:
        """What service of the month, or of the month before, does to satisfaction or an answer."""
        sample = self.sample(code)
        outcome = sample.variables[0] if sample else "satisfaction"
        effect = self._effect(code, outcome, _SERVICE, tuple(_SERVICE)[lag], LINEAR)
        if effect.within is None and lag == 0 and code == "satisfaction":
            effect = self._cross_section(effect)
        if outcome == "satisfaction":
            effect = self._tested(effect, self._later_service_on_satisfaction)
        return effect * self.policy.service_change

    def tilted_satisfaction(self, lag: int) -> list[Effect]:
        """The same, with answers weighted as if happier customers answered more, or less."""
        codes = [f"satisfaction_tilted_{n}" for n in range(1, len(self.policy.selection_tilts) + 1)]
        return [self.satisfaction(lag, code) for code in codes if self.sample(code)]

    def part(self, kpi: str) -> Effect:
        """What a unit of a KPI does to satisfaction, the other KPIs as they are."""
        regressors = {name: (name,) for name in self.parts}
        effect = self._effect("parts", "satisfaction", regressors, kpi, LINEAR)
        # A KPI is a part of service, which is what the test was made of.
        return self._tested(effect, self._later_service_on_satisfaction)

    def behaviour(self, outcome: str, band: str) -> Effect:
        """What a point of satisfaction does to behaviour of the next month, service as it is."""
        if band == APART:
            below, above = (self.behaviour(outcome, side) for side in SIDES)
            return below - above
        return self._behaviour(outcome, band, band)

    def direct(self, outcome: str, band: str) -> Effect:
        """What service does to behaviour of the next month, satisfaction as it is."""
        return self._behaviour(outcome, band, "service") * self.policy.service_change

    def via(self, outcome: str, band: str) -> Effect:
        """What service does to behaviour through satisfaction: the product of both links."""
        return self.satisfaction(0) * self.behaviour(outcome, band)

    def direct_of_part(self, kpi: str, outcome: str) -> Effect:
        """What a unit of a KPI does to revenue or new services, satisfaction as it is."""
        regressors = _SLOPES | {name: (name,) for name in self.parts}
        effect = self._effect("spending_parts", OUTCOMES[outcome], regressors, kpi, PIECEWISE)
        return self._of_satisfaction(effect)

    def question(self, question: str, outcome: str) -> Effect:
        """What a point of another question's answer does to revenue or new services."""
        regressors = {question: (question,), "service": ("service",)}
        code = f"spending_{question}"
        effect = self._effect(code, OUTCOMES[outcome], regressors, question, LINEAR)
        return self._of_satisfaction(effect)

    def unready(self, code: str, least_customers: int | None = None) -> str | None:
        """Why nothing within customers is learnt of a sample; None if it is large enough."""
        sample = self.sample(code)
        if not self._scores.num_rows and self.sample("cross_section") is None:
            return reasons.NO_ANSWERS
        if sample is None:
            return reasons.NO_ROWS
        if sample.repeat_customers.sum() < (least_customers or self.policy.min_customers):
            return reasons.FEW_CUSTOMERS
        if sample.month_count < self.policy.min_months:
            return reasons.FEW_MONTHS
        if sample.group_count < LEAST_GROUPS:
            return reasons.FEW_GROUPS
        return None

    def moments(self, code: str, is_within: bool) -> Moments:
        """Products of a sample, made once."""
        key = (code, is_within)
        if key not in self._moments:
            sample = self._samples[(code, *EVERYBODY)]
            self._moments[key] = within_moments(sample) if is_within else pooled_moments(sample)
        return self._moments[key]

    def _behaviour(self, outcome: str, band: str, of: str) -> Effect:
        slopes = _SLOPE if band == ALL else _SLOPES
        if outcome == "churn":
            return self._of_satisfaction(self._hazard(slopes, of))
        regressors = {**slopes, "service": ("service",)}
        method = LINEAR if band == ALL else PIECEWISE
        effect = self._effect("spending", OUTCOMES[outcome], regressors, of, method)
        return self._tested(self._of_satisfaction(effect), self._later_service(OUTCOMES[outcome]))

    def _hazard(self, slopes: Regressors, of: str) -> Effect:
        """By deviations from the customer's mean so far, that mean and tenure held (Mundlak)."""
        sample = self.sample("churn")
        parts = {**slopes, "service": ("service",)}
        tenures = [name for name in (sample.variables if sample else ()) if "tenure_" in name]
        controls = {name: (name,) for name in tenures}

        def split(name: str, *ends: str) -> tuple[str, ...]:
            return tuple(f"{variable}_{end}" for variable in parts[name] for end in ends)

        regressors = (
            {name: split(name, "deviation") for name in parts}
            | {f"{name}_mean": split(name, "mean") for name in parts}
            | controls
        )
        levels = {name: split(name, "deviation", "mean") for name in parts} | controls
        return self._effect("churn", "churned", regressors, of, HAZARD, levels)

    def _effect(
        self,
        code: str,
        outcome: str,
        regressors: Regressors,
        of: str,
        method: str,
        levels: Regressors | None = None,
    ) -> Effect:
        """A coefficient within customers, and the pooled one; with `levels`, both are pooled."""
        sample, reason = self.sample(code), self.unready(code)
        if sample is None:
            return Effect(None, None, reason, 0, 0, method)
        pooled = fit(self.moments(code, is_within=False), outcome, levels or regressors)
        within = None
        if reason is None:
            own = fit(self.moments(code, is_within=levels is None), outcome, regressors)
            within, reason = _had(own, of)
        return Effect(
            within,
            _had(pooled, of)[0],
            reason,
            round(sample.repeat_customers.sum()),
            round(sample.observations.sum()),
            method,
        )

    def _cross_section(self, effect: Effect) -> Effect:
        """Where nobody is seen twice, at least how they differ who were served differently."""
        sample = self.sample("cross_section")
        if sample is None:
            return effect
        moments = self.moments("cross_section", is_within=False)
        is_seen_twice = sample.repeat_customers.sum() >= self.policy.min_customers
        return replace(
            effect,
            reason=effect.reason if is_seen_twice else reasons.FEW_CUSTOMERS,
            pooled=_had(fit(moments, "satisfaction", {"service": ("service",)}), "service")[0],
            customer_count=round(sample.customers.sum()),
            observation_count=round(sample.observations.sum()),
            method=POOLED,
        )

    def _of_satisfaction(self, effect: Effect) -> Effect:
        """Nothing is learnt from a score that was made of who left."""
        if self.has_leak:
            return replace(effect, within=None, pooled=None, reason=reasons.LEAK)
        return effect

    def _tested(self, effect: Effect, lead_p_value: float | None) -> Effect:
        if effect.within is None:
            return effect
        failed = reasons.LEAD_UNTESTED
        if lead_p_value is not None:
            failed = reasons.LEAD_FAILED if lead_p_value < self.policy.lead_alpha else None
        return replace(effect, lead_p_value=lead_p_value, reason=effect.reason or failed)

    @cached_property
    def _later_service_on_satisfaction(self) -> float | None:
        regressors = {**_SERVICE, "service_after": ("service_after",)}
        return self._chance("satisfaction_leads", "satisfaction", regressors, "service_after")

    def _later_service(self, outcome: str) -> float | None:
        names = ("service", "service_after", "service_later")
        regressors = _SLOPES | {name: (name,) for name in names}
        return self._chance("spending_leads", outcome, regressors, "service_later")

    def _chance(self, code: str, outcome: str, regressors: Regressors, of: str) -> float | None:
        """p-value of a coefficient that must be 0."""
        if self.unready(code):
            return None
        found, _ = _had(fit(self.moments(code, is_within=True), outcome, regressors), of)
        return None if found is None else infer(found).p_value


def _had(fitted: Fit, name: str) -> tuple[Estimand | None, str | None]:
    """A coefficient, or why it cannot be had."""
    reason = fitted.why_not(name)
    if reason is None and not fitted.of(name).is_sure:
        reason = reasons.held_by_few(name)
    return (None, reason) if reason else (fitted.of(name), None)
