"""Sums of each sample of the chain, by group of customers, as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from saydo.estimate.survey_waves import numbers

PRODUCTS = "int_chain_products_summarised_to_groups"
TOTALS = "int_chain_totals_summarised_to_group_months"
PAIRS = "int_chain_months_paired_to_groups"
SCORES = "int_chain_scores_counted"
READS = (PRODUCTS, TOTALS, PAIRS, SCORES)

EVERYBODY = ("all", "all")


@dataclass(frozen=True)
class Sample:
    """Sums of one sample and segment. G groups, P variables, T months with an observation.

    `within` and `raw` are sums of products, (G, P, P), of distances from the customer's mean and of
    the values themselves; `month_within` and `month_raw` are sums by month, (G, T, P), with the
    sum of weights `month_weight`, (G, T). `shared` is sum of w_t w_s / W over customers, (G, T, T).
    Counts are by group, (G,); a repeat customer has two observations or more.
    """

    variables: tuple[str, ...]
    months: tuple[date, ...]
    customers: np.ndarray
    repeat_customers: np.ndarray
    observations: np.ndarray
    within: np.ndarray
    raw: np.ndarray
    month_within: np.ndarray
    month_raw: np.ndarray
    month_weight: np.ndarray
    shared: np.ndarray

    @property
    def month_count(self) -> int:
        """How many months have an observation."""
        return len(self.months)

    @property
    def group_count(self) -> int:
        """How many groups have a customer."""
        return int((self.customers > 0).sum())


def read_samples(tables: Mapping[str, pa.Table]) -> dict[tuple[str, str, str], Sample]:
    """Samples by (sample_code, segment_type, segment_code), with groups in one order in all.

    Months that customers share are known of everybody alone: for a segment `shared` is 0.
    """
    products, totals, pairs = tables[PRODUCTS], tables[TOTALS], tables[PAIRS]
    groups = pa.array(sorted(pc.unique(products["customer_group"]).to_pylist()), pa.string())
    rows_of_totals, rows_of_pairs = _rows_of(totals, 3), _rows_of(pairs, 1)
    found = {}
    for key, rows in _rows_of(products, 3).items():
        variables = tuple(products["variable_codes"][int(rows[0])].as_py().split(","))
        own = totals.take(rows_of_totals.get(key, np.array([], dtype=np.int64)))
        months = pc.unique(own["month_start_date"]).sort()
        shared = np.zeros((len(groups), len(months), len(months)))
        if key[1:] == EVERYBODY:
            paired = pairs.take(rows_of_pairs.get(key[:1], np.array([], dtype=np.int64)))
            at = _positions(paired, "customer_group", groups)
            first = _positions(paired, "month_start_date", months)
            second = _positions(paired, "other_month_start_date", months)
            shared[at, first, second] = shared[at, second, first] = numbers(paired, "shared_weight")
        found[key] = _sample(products.take(rows), own, variables, groups, months, shared)
    return found


def _sample(
    products: pa.Table,
    totals: pa.Table,
    variables: tuple[str, ...],
    groups: pa.Array,
    months: pa.Array,
    shared: np.ndarray,
) -> Sample:
    of_group = _positions(products, "customer_group", groups)
    group = _positions(totals, "customer_group", groups)
    month = _positions(totals, "month_start_date", months)
    counts = {}
    for name in ("customer_count", "repeat_customer_count", "observation_count"):
        counts[name] = np.zeros(len(groups))
        counts[name][of_group] = numbers(products, name)
    sums = {}
    for kind in ("within", "raw"):
        square = np.zeros((len(groups), len(variables), len(variables)))
        by_month = np.zeros((len(groups), len(months), len(variables)))
        for left in range(len(variables)):
            by_month[group, month, left] = _known(totals, f"{kind}_{left + 1}")
            for right in range(left, len(variables)):
                values = _known(products, f"{kind}_{left + 1}_{right + 1}")
                square[of_group, left, right] = square[of_group, right, left] = values
        sums[kind] = (square, by_month)
    weight = np.zeros((len(groups), len(months)))
    weight[group, month] = numbers(totals, "total_weight")
    return Sample(
        variables,
        tuple(months.to_pylist()),
        *counts.values(),
        within=sums["within"][0],
        raw=sums["raw"][0],
        month_within=sums["within"][1],
        month_raw=sums["raw"][1],
        month_weight=weight,
        shared=shared,
    )


def _known(table: pa.Table, column: str) -> np.ndarray:
    """Of a sample that is not centred, sums within customers are null."""
    return np.nan_to_num(numbers(table, column))


def _positions(table: pa.Table, column: str, values: pa.Array) -> np.ndarray:
    return pc.index_in(table[column], values).to_numpy()


def _rows_of(table: pa.Table, depth: int) -> dict[tuple[str, ...], np.ndarray]:
    """Numbers of the rows that share the first columns that name a sample and its segment."""
    columns = ("sample_code", "segment_type", "segment_code")[:depth]
    code, names = np.zeros(table.num_rows, dtype=np.int64), [()]
    for column in columns:
        encoded = table[column].combine_chunks().dictionary_encode()
        words = encoded.dictionary.to_pylist()
        code = code * len(words) + encoded.indices.to_numpy()
        names = [(*name, word) for name in names for word in words]
    order = np.argsort(code, kind="stable")
    present, starts = np.unique(code[order], return_index=True)
    return (
        {
            names[number]: rows
            for number, rows in zip(present, np.split(order, starts[1:]), strict=True)
        }
        if len(present)
        else {}
    )
