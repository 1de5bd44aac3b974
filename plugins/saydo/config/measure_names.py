"""Which names a measure may have: it becomes a column beside others, and a word of SQL.

`tests/conventions/test_measure_names.py` reads the names from the models and asks the engine for
its words, so that a new one cannot be forgotten here.
"""

from __future__ import annotations

from saydo.contract import SOURCES, landed_columns


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What a KPI may use beside measures, numbers, signs and `day_count`.
FUNCTIONS = frozenset({"abs", "coalesce", "greatest", "least", "ln", "nullif", "power", "sqrt"})

# Endings of columns that the models make of a measure's or a KPI's name.
ENDINGS = ("__weighted", "__weight", "_kpi_score", "_filled_count", "_last_date")

# Columns that stand beside the measures in the models and macros that read them, and tables whose
# names would be taken for them.
MODEL_NAMES = _words(
    """
    absent account_key batch batch_days batch_id batches beside bounded built changed counted
    current_batches customer_count customer_id customers cuts day_count day_set days delivered
    erased experience experience_score experience_score_30d experience_score_90d fault_day_count
    fault_day_count_30d fault_days feature feed file_name filled_count final first_date
    first_months first_usage_date from_at generated_number has_total has_usage_30d id_key
    id_type id_value kept last_date last_event_at last_usage_date latest_snapshots line_number
    matched_count measured month month_start_date months newest numbered ordered outages
    owned_from owned_to owners passed piece_from piece_from_date piece_to pieces placed position
    position_in_day ranked repeated resolved row_count scored sequence sessions site_code
    snapshot_date source status stood_to_at superseded to_at told_date totals traffic_mb_30d
    traffic_mb_90d unioned united usage usage_count usage_date usage_pieces versions window_days
    worst_kpi_code
    """
)

# Words that DuckDB (1.5 and 2.0) and Spark keep for themselves.
SQL_WORDS = _words(
    """
    all analyse analyze and anti any array as asc asof asymmetric at authorization between
    binary both by case cast check collate collation column columns concurrently constraint
    create cross cube current_date current_time current_timestamp current_user default
    deferrable desc describe distinct do else end escape except exists false fetch filter for
    foreign freeze from full function generated glob grant group grouping having ilike in
    initially inner intersect interval into is isnull join lambda lateral leading left like
    limit localtime localtimestamp map minus natural not notnull null offset on only or order
    outer overlaps partition pivot pivot_longer pivot_wider placing positional primary qualify
    range references returning right row rows select semi session_user show similar some sql
    struct summarize symmetric table tablesample then time to trailing true try_cast tuple
    union unique unknown unpack unpivot user using values variadic verbose when where window
    with
    """
)


def taken_by(name: str) -> str | None:
    """What already has a name, so that no measure may; None if it is free."""
    if name in SQL_WORDS:
        return "a word of SQL"
    if name in FUNCTIONS:
        return "a function that KPIs use"
    if name in MODEL_NAMES or any(
        name in landed_columns(source) for source in SOURCES.values() if source.has_measures
    ):
        return "a column or a step of the models that read the measures"
    ending = next((ending for ending in ENDINGS if name.endswith(ending)), None)
    return f"how the models call what they make of a measure (`…{ending}`)" if ending else None
