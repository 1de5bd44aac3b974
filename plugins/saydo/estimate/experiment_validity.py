"""What makes an experiment, or one of its variants, unfit to be read: each fault in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from saydo.config.experiments import ExperimentsPolicy
from saydo.estimate.experiments import Sums, sample_ratio_p_value

_LISTED = 5


@dataclass(frozen=True)
class Experiment:
    """One experiment: counts by variant, what it is held against, and what makes it invalid."""

    code: str
    variants: Sequence[Mapping[str, Any]]
    control: str | None
    sample_ratio_p_value: float | None
    faults: tuple[str, ...]


def judged(code: str, variants: list[dict[str, Any]], rules: ExperimentsPolicy) -> Experiment:
    """An experiment as a whole: its control, its sample ratio, and faults that leave no figure.

    Args:
        code: the experiment's.
        variants: its rows of int_experiment_assignments_summarised_to_variants, in order.
        rules: names of controls, planned shares and limits.
    """
    names = [row["variant_code"] for row in variants]
    folded = {name.strip().casefold(): name for name in reversed(names)}
    control = next(
        (folded[known] for name in rules.control_variants
         if (known := name.strip().casefold()) in folded),
        None,
    )  # fmt: skip
    counts = {row["variant_code"]: row["assigned_count"] for row in variants}
    in_two = variants[0]["two_variant_count"]
    assigned = sum(counts.values())
    faults = []
    if not assigned + in_two:
        faults.append(
            f"none of the {sum(row['assignment_count'] for row in variants)} assigned identifiers "
            "belongs to a customer: see the feed's id_type"
        )
    if len(names) == 1:
        faults.append(f"one variant only ({names[0]}): there is nothing to compare it with")
    elif control is None:
        faults.append(
            f"no variant is called {' or '.join(rules.control_variants)}: name the control of "
            f"{_listed(names)} in experiments.control_variants of policy.yml"
        )
    if in_two > rules.max_two_variant_ratio * (assigned + in_two):
        faults.append(
            f"{in_two} of {assigned + in_two} customers are in two variants: correct the assignment"
        )
    chance = None
    planned = rules.planned_shares.get(code) or dict.fromkeys(names, 1.0)
    if unplanned := sorted(set(names) - set(planned)):
        faults.append(
            f"{_listed(unplanned)} has no share in experiments.planned_shares.{code} of "
            "policy.yml: add it"
        )
    elif assigned and len(planned) > 1:
        order = sorted(planned)
        chance = sample_ratio_p_value(
            [counts.get(name, 0) for name in order], [planned[name] for name in order]
        )
        if chance < rules.sample_ratio_alpha:
            told = _listed([f"{name} {counts.get(name, 0)}" for name in order])
            faults.append(
                f"customers by variant ({told}) are not the shares planned: look for what lost or "
                "added some, or say what was planned in experiments.planned_shares of policy.yml"
            )
    return Experiment(code, variants, control, chance, tuple(faults))


def too_few(
    experiment: Experiment,
    variant: Mapping[str, Any],
    known: Mapping[str, Sums],
    rules: ExperimentsPolicy,
) -> list[str]:
    """Why a variant, or the control beside it, cannot be measured; empty where both can.

    Args:
        experiment: one without faults.
        variant: its row of int_experiment_assignments_summarised_to_variants.
        known: sums of each variant with a measured customer, of one metric and segment.
        rules: how many customers suffice.
    """
    if not known:
        if all(row["pending_count"] == row["assigned_count"] for row in experiment.variants):
            return [
                f"too early: nobody is measured before {variant['first_followed_date']} is over"
            ]
        return ["nobody has a value after assignment"]
    few = [
        f"{of} has {known[of].count if of in known else 0}"
        for of in dict.fromkeys((variant["variant_code"], experiment.control))
        if of not in known or known[of].count < rules.min_customers
    ]
    return [f"fewer than {rules.min_customers} customers: {', '.join(few)}"] if few else []


def _listed(names: Sequence[str]) -> str:
    """The first few: an experiment may have a variant per customer, by mistake."""
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more
