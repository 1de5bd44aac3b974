"""The panel of the chain made apart, in pandas, from months of customers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from saydo.config import BUILT_IN_KPIS

EDGE = 6.0
KPIS = [f"kpi_{kpi.name}" for kpi in BUILT_IN_KPIS]


def panel_of(months: pa.Table, as_of: str) -> pd.DataFrame:
    """One row per whole month with an answer: service, the answer, and what followed."""
    frame = months.to_pandas()
    frame["month"] = pd.to_datetime(frame["month_start_date"]).dt.to_period("M")
    frame = frame.set_index(["customer_id", "month"]).sort_index()
    last_whole = (pd.Timestamp(as_of) + pd.Timedelta(days=1)).to_period("M") - 1

    def moved(column: str, by: int) -> pd.Series:
        other = frame[[column]].reset_index()
        other["month"] = other["month"] - by
        return other.set_index(["customer_id", "month"])[column].reindex(frame.index)

    pays, paid = frame["closing_mrr"] > 0, frame["opening_mrr"] > 0
    month = frame.index.get_level_values("month")
    followed = pays & (month + 1 <= last_whole)
    stays = followed & (moved("closing_mrr", 1) > 0)
    panel = pd.DataFrame(
        {
            "satisfaction": frame["satisfaction_score"],
            "service": frame["experience_score"],
            "service_before": moved("experience_score", -1),
            "service_after": moved("experience_score", 1),
            "service_later": moved("experience_score", 2),
            "revenue": moved("revenue", 1).where(stays),
            "new_services": moved("new_service_count", 1).where(stays),
            "churned": (moved("closing_mrr", 1) == 0).where(followed).astype(float),
            "plan_code": frame["plan_code"],
            "was_asked": frame["was_invited"] | frame["satisfaction_score"].notna(),
            "is_usual": pays & paid & frame["experience_score"].notna(),
            **{kpi: frame[kpi] for kpi in KPIS},
        }
    )
    panel["below"] = np.minimum(panel["satisfaction"] - EDGE, 0)
    panel["above"] = np.maximum(panel["satisfaction"] - EDGE, 0)
    usual = panel[panel["is_usual"]]
    panel.attrs["silent_odds"] = usual["was_asked"].sum() / usual["satisfaction"].count() - 1
    whole = (pays == paid) & (month <= last_whole)
    return panel[whole & panel["satisfaction"].notna()].reset_index()


def pair_weights(rows: pd.DataFrame, tilt: float, silent_odds: float) -> pd.Series:
    """1 / chance of an answer, times those of the customer's rows."""
    odds = np.exp(-tilt * (rows["satisfaction"] - 5))
    inverse = 1 + silent_odds * odds / odds.mean()
    return inverse * inverse.groupby(rows["customer_id"]).transform("sum")
