"""Estimates of planted worlds, row by row."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
from chain_sums import chain_tables

from saydo.config import Policy
from saydo.config.chain import ChainPolicy, chain_samples
from saydo.estimate import Estimator

DAY = date(2025, 1, 31)
TENURES = (6, 12)
KPIS = ("drops", "speed")


def policy_of(**chain: Any) -> Policy:
    """The policy with some of the chain's settings changed."""
    return Policy(chain=ChainPolicy(**({"segments": ("plan_code",)} | chain)))


def tables_of(panel: pd.DataFrame, policy: Policy | None = None, kpis=KPIS, only=None, **more: Any):
    """The four tables of a panel, of all samples or of some."""
    policy = policy or policy_of()
    samples = [
        sample
        for sample in chain_samples(policy.chain, kpis, TENURES)
        if only is None or sample.code in only
    ]
    return chain_tables(panel, samples, segments=policy.chain.segments, tenures=TENURES, **more)


def estimated(estimator: Estimator, tables, policy: Policy | None = None) -> list[dict[str, Any]]:
    """Rows of an estimator, in the types that are published."""
    found = estimator.run(tables, policy or policy_of(), DAY).table
    return found.select(estimator.schema.names).cast(estimator.schema).to_pylist()


def by_link(rows: list[dict[str, Any]]) -> dict[tuple[str, str, int], dict[str, Any]]:
    """Rows by what names them, of which there is one each."""
    found = {(row["link"], row["band"], row["lag_months"]): row for row in rows}
    assert len(found) == len(rows)
    return found
