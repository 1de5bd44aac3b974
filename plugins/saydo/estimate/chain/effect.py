"""An effect with all that is said of it, and how effects make other effects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from saydo.estimate.chain.jackknife import Estimand
from saydo.estimate.chain.reasons import LEAK


@dataclass(frozen=True)
class Effect:
    """An effect within customers, the pooled one beside it, and whom they rest on.

    `reason` says why it may not be published. Where the effect stands all the same, a test of it
    failed; else there is none. Counts are of customers with two observations or more, and of all
    observations. `lead_p_value` is of the test that service of a later month has no effect.
    """

    within: Estimand | None
    pooled: Estimand | None
    reason: str | None
    customer_count: int
    observation_count: int
    method: str
    lead_p_value: float | None = None

    def __add__(self, other: Effect) -> Effect:
        return self._with(other, lambda mine, theirs: mine + theirs)

    def __sub__(self, other: Effect) -> Effect:
        return self._with(other, lambda mine, theirs: mine - theirs)

    def __mul__(self, other: Effect | float) -> Effect:
        if isinstance(other, Effect):
            return self._with(other, lambda mine, theirs: mine * theirs)
        return replace(
            self,
            within=None if self.within is None else self.within * other,
            pooled=None if self.pooled is None else self.pooled * other,
        )

    @property
    def is_publishable(self) -> bool:
        """Whether it can be had and no test of it failed."""
        return self.reason is None and self.within is not None

    def _with(self, other: Effect, join: Callable[[Estimand, Estimand], Estimand]) -> Effect:
        def both(mine: Estimand | None, theirs: Estimand | None) -> Estimand | None:
            return None if mine is None or theirs is None else join(mine, theirs)

        # A leak spoils what is made of it; else what cannot be had says more than a failed test.
        reasons = sorted(
            (effect for effect in (self, other) if effect.reason),
            key=lambda effect: (effect.reason != LEAK, effect.within is not None),
        )
        methods = dict.fromkeys([*self.method.split("; "), *other.method.split("; ")])
        leads = [p for p in (self.lead_p_value, other.lead_p_value) if p is not None]
        return Effect(
            both(self.within, other.within),
            both(self.pooled, other.pooled),
            reasons[0].reason if reasons else None,
            min(self.customer_count, other.customer_count),
            min(self.observation_count, other.observation_count),
            "; ".join(methods),
            min(leads) if leads else None,
        )
