"""The sums that the chain is estimated from, made in pandas: what the models' SQL is held to.

A panel has one row per customer and month with an answer: `customer_id`, `month_start_date` and the
variables of the samples by name, of which `below`, `above`, the split of risks and the tenure
dummies are made here. An outcome that is not followed is NaN, as is service that was not measured.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from saydo.config.chain import Sample
from saydo.estimate.chain.sums import PAIRS, PRODUCTS, SCORES, TOTALS

_SPLIT = ("below", "above", "service")


def chain_tables(
    panel: pd.DataFrame,
    samples: Sequence[Sample],
    *,
    segments: Iterable[str] = (),
    edge: float = 6,
    tenures: Iterable[int] = (),
    answered_share: float = 0.5,
) -> dict[str, pa.Table]:
    """The four tables, as the models of intermediate/effects have them.

    `answered_share` is the share of months in which a customer answered, of those in which he
    could: what tilted samples make up for.
    """
    panel = _with_derived(panel, edge, tenures)
    positions = max(len(sample.variables) for sample in samples)
    products, totals, pairs = [], [], []
    for sample in samples:
        rows = (_risks(panel) if "churned" in sample.variables else panel).dropna(
            subset=list(sample.variables)
        )
        if rows.empty:
            continue
        weight = np.ones(len(rows))
        if sample.tilt:
            weight = tilted_weights(rows, sample.tilt, answered_share)
        values = rows[list(sample.variables)].to_numpy(float)
        own = _own(rows, weight, values)
        for kind in ("all", *(segments if sample.has_segments else ())):
            own["segment_type"] = kind
            own["segment_code"] = (
                "all"
                if kind == "all"
                else rows.groupby("customer_id")[kind].transform("first").fillna("unknown")
            )
            products.append(_products(own, sample, values, positions))
            totals.append(_totals(own, sample, values, positions))
        if sample.is_within:
            pairs.append(_pairs(own, sample))
    return {
        PRODUCTS: _table(products, _product_columns(positions)),
        TOTALS: _table(totals, _total_columns(positions)),
        PAIRS: _table(pairs, _PAIR_COLUMNS),
        SCORES: scores_of(panel),
    }


def tilted_weights(rows: pd.DataFrame, tilt: float, answered_share: float) -> np.ndarray:
    """Answers each stand for the silent ones that they are like, if the odds were e^(tilt x score).

    A month with the chance p to be answered counts 1 / p = 1 + (1 - p) / p. Effects within
    customers are learnt from pairs of months, and a pair has the chance p q: so each counts its
    weight times the sum of the customer's.
    """
    odds = np.exp(-tilt * (rows["satisfaction"] - 5))
    weight = 1 + (1 - answered_share) / answered_share * odds / odds.mean()
    of_customer = weight.groupby(rows["customer_id"]).transform("sum")
    return np.round(np.sqrt(weight * of_customer), 6).to_numpy() ** 2


def scores_of(panel: pd.DataFrame) -> pa.Table:
    """How many answers each whole score has, and after how many the customer left."""
    counted = (
        panel.assign(score=panel["satisfaction"].round(), left=panel.get("churned", np.nan) == 1)
        .dropna(subset=["score"])
        .groupby("score")["left"]
        .agg(["size", "sum"])
        .reset_index()
    )
    counted.columns = ["score", "observation_count", "churned_count"]
    return pa.Table.from_pandas(counted.astype("int64"), preserve_index=False)


def group_of(customer: str) -> str:
    """The group of a customer, one of 256."""
    return hashlib.md5(customer.encode(), usedforsecurity=False).hexdigest()[:2]


def _with_derived(panel: pd.DataFrame, edge: float, tenures: Iterable[int]) -> pd.DataFrame:
    panel = panel.sort_values(["customer_id", "month_start_date"]).reset_index(drop=True)
    names = {customer: group_of(customer) for customer in panel["customer_id"].unique()}
    panel["customer_group"] = panel["customer_id"].map(names)
    panel["below"] = np.minimum(panel["satisfaction"] - edge, 0)
    panel["above"] = np.maximum(panel["satisfaction"] - edge, 0)
    for months in tenures:
        panel[f"tenure_{months}"] = (panel["months_since_acquisition"] >= months).astype(float)
    return panel


def _risks(panel: pd.DataFrame) -> pd.DataFrame:
    """Months at risk, with each value split in the customer's mean so far and the rest."""
    risks = panel.dropna(subset=["churned", "satisfaction", "service"]).copy()
    for name in _SPLIT:
        of_customer = risks.groupby("customer_id")[name]
        risks[f"{name}_mean"] = of_customer.cumsum() / (of_customer.cumcount() + 1)
        risks[f"{name}_deviation"] = risks[name] - risks[f"{name}_mean"]
    return risks


def _own(rows: pd.DataFrame, weight: np.ndarray, values: np.ndarray) -> pd.DataFrame:
    own = rows[["customer_id", "customer_group", "month_start_date"]].copy()
    own["weight"] = weight
    own["total"] = own.groupby("customer_id")["weight"].transform("sum")
    number = own.groupby("customer_id").cumcount()
    own["is_first"], own["is_second"] = (number == 0).astype(int), (number == 1).astype(int)
    for position in range(values.shape[1]):
        own[f"v{position}"] = values[:, position]
        own[f"m{position}"] = weight * values[:, position]
        mean = own.groupby("customer_id")[f"m{position}"].transform("sum") / own["total"]
        own[f"d{position}"] = values[:, position] - mean
    return own


def _products(
    own: pd.DataFrame, sample: Sample, values: np.ndarray, positions: int
) -> pd.DataFrame:
    summed = own[["segment_type", "segment_code", "customer_group"]].copy()
    summed["customer_count"], summed["repeat_customer_count"] = own["is_first"], own["is_second"]
    summed["observation_count"] = 1
    columns = {}
    for left in range(values.shape[1]):
        for right in range(left, values.shape[1]):
            end = f"{left + 1}_{right + 1}"
            if sample.is_within:
                columns[f"within_{end}"] = own["weight"] * own[f"d{left}"] * own[f"d{right}"]
            columns[f"raw_{end}"] = own["weight"] * own[f"v{left}"] * own[f"v{right}"]
    summed = pd.concat([summed, pd.DataFrame(columns)], axis=1)
    keys = ["segment_type", "segment_code", "customer_group"]
    summed = summed.groupby(keys, as_index=False).sum()
    summed["sample_code"] = sample.code
    summed["variable_codes"] = ",".join(sample.variables)
    return summed.reindex(columns=[name for name, _ in _product_columns(positions)])


def _totals(own: pd.DataFrame, sample: Sample, values: np.ndarray, positions: int) -> pd.DataFrame:
    keys = ["segment_type", "segment_code", "customer_group", "month_start_date"]
    summed = own[keys].copy()
    summed["observation_count"], summed["total_weight"] = 1, own["weight"]
    for position in range(values.shape[1]):
        if sample.is_within:
            summed[f"within_{position + 1}"] = own["weight"] * own[f"d{position}"]
        summed[f"raw_{position + 1}"] = own[f"m{position}"]
    summed = summed.groupby(keys, as_index=False).sum()
    summed["sample_code"] = sample.code
    return summed.reindex(columns=[name for name, _ in _total_columns(positions)])


def _pairs(own: pd.DataFrame, sample: Sample) -> pd.DataFrame:
    narrow = own[["customer_id", "customer_group", "month_start_date", "weight", "total"]]
    other = narrow[["customer_id", "month_start_date", "weight"]]
    both = narrow.merge(other, on="customer_id", suffixes=("", "_other"))
    both = both[both["month_start_date"] <= both["month_start_date_other"]]
    both = both.assign(shared_weight=both["weight"] * both["weight_other"] / both["total"])
    keys = ["customer_group", "month_start_date", "month_start_date_other"]
    summed = both.groupby(keys, as_index=False)["shared_weight"].sum()
    summed = summed.rename(columns={"month_start_date_other": "other_month_start_date"})
    return summed.assign(sample_code=sample.code)


_KEYS = [("sample_code", pa.string()), ("segment_type", pa.string()), ("segment_code", pa.string())]
_PAIR_COLUMNS = [
    ("sample_code", pa.string()),
    ("customer_group", pa.string()),
    ("month_start_date", pa.date32()),
    ("other_month_start_date", pa.date32()),
    ("shared_weight", pa.float64()),
]


def _product_columns(positions: int) -> list[tuple[str, pa.DataType]]:
    ends = [f"{i}_{j}" for i in range(1, positions + 1) for j in range(i, positions + 1)]
    return [
        *_KEYS,
        ("variable_codes", pa.string()),
        ("customer_group", pa.string()),
        *((name, pa.int64()) for name in
          ("customer_count", "repeat_customer_count", "observation_count")),
        *((f"{kind}_{end}", pa.float64()) for end in ends for kind in ("within", "raw")),
    ]  # fmt: skip


def _total_columns(positions: int) -> list[tuple[str, pa.DataType]]:
    return [
        *_KEYS,
        ("customer_group", pa.string()),
        ("month_start_date", pa.date32()),
        ("observation_count", pa.int64()),
        ("total_weight", pa.float64()),
        *((f"{kind}_{n}", pa.float64())
          for n in range(1, positions + 1) for kind in ("within", "raw")),
    ]  # fmt: skip


def _table(frames: list[pd.DataFrame], columns: list[tuple[str, pa.DataType]]) -> pa.Table:
    schema = pa.schema(columns)
    if not frames:
        return schema.empty_table()
    frame = pd.concat([frame.dropna(axis=1, how="all") for frame in frames], ignore_index=True)
    frame = frame.reindex(columns=schema.names)
    return pa.Table.from_pandas(frame, schema, preserve_index=False)
