"""The shape of a batch, to be held against its feed's others: days, hours, signs, scores, keys.

Everything is counted by the engine in one pass each over the new batch; nothing names a person.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import duckdb

from saydo.contract import Source
from saydo.gate.samples import showable
from saydo.sql import literal, quoted

# Two years and more of days tell a rhythm with its holidays.
_MAX_DAYS = 800
_MAX_QUESTIONS = 200
# Two batches' shares of common rows are told apart to a twentieth.
_KEYS = 64
_STEPS = 20
# Amounts of one type have one sign; those of all types together have not.
_TYPE_OF_AMOUNT = {
    "transactions": ("amount", "transaction_type"),
    "subscriptions": ("recurring_amount", "product_type"),
}

Profiles = dict[str, dict[str, Any]]


def profile(
    connection: duckdb.DuckDBPyConnection, source: Source, numeric: list[str], zone: str
) -> Profiles:
    """Measure every batch in the view named as the source.

    Args:
        connection: holds the view.
        source: the canonical table.
        numeric: its decimal columns.
        zone: the business's, for its days and hours.

    Returns:
        batch_id to fields of `saydo.gate.facts.Facts`.
    """
    found: Profiles = defaultdict(dict)
    _events(connection, source, zone, found)
    _signs(connection, source, numeric, found)
    if source.event_time and not source.version_column:
        keys = ", ".join(quoted(column) for column in source.key)
        for batch_id, smallest in connection.execute(
            f"select _batch_id, min(hash({keys}), {_KEYS}) from {quoted(source.name)} group by all"
        ).fetchall():
            found[batch_id]["keys"] = smallest
    if source.name == "survey_responses":
        _scores(connection, found)
    if source.name == "account_identifiers":
        for batch_id, id_type, most in connection.execute(
            "select _batch_id, id_type, max(account_count) from ("
            "select _batch_id, id_type, count(distinct account_key) as account_count "
            "from account_identifiers group by _batch_id, id_type, id_key) group by all"
        ).fetchall():
            found[batch_id].setdefault("shared", {})[id_type] = most
    return found


def _events(
    connection: duckdb.DuckDBPyConnection, source: Source, zone: str, found: Profiles
) -> None:
    if source.event_time is None:
        return
    event, view = quoted(source.event_time), quoted(source.name)
    types = {row[0]: row[1] for row in connection.execute(f"describe {view}").fetchall()}
    is_instant = types[source.event_time] != "DATE"
    # Few half hours are turned into the business's time instead of many instants.
    bucket = f"time_bucket(interval 30 minutes, {event})" if is_instant else event
    local = f"timezone({literal(zone)}, timezone('UTC', bucket))" if is_instant else "bucket"
    connection.execute(
        f"""
        create or replace temp table event_hours as
        select
            _batch_id,
            cast({local} as date) as event_date,
            {f"hour({local})" if is_instant else "null::bigint"} as event_hour,
            cast(sum(row_count) as bigint) as row_count
        from (
            select _batch_id, {bucket} as bucket, count(*) as row_count
            from {view}
            where {event} is not null
            group by all
        )
        group by all
        """
    )
    if is_instant:
        for batch_id, hour, count in connection.execute(
            "select _batch_id, event_hour, cast(sum(row_count) as bigint) from event_hours "
            "group by all"
        ).fetchall():
            found[batch_id].setdefault("hours", [0] * 24)[hour] = count
    if source.version_column:
        # Records may be of any age: their days are no rhythm.
        for batch_id, share in connection.execute(
            "select _batch_id, cast(sum(case when day(event_date) > 12 then row_count else 0 end) "
            "as double) / sum(row_count) from event_hours group by all"
        ).fetchall():
            found[batch_id]["late_in_month"] = share
        return
    for batch_id, day, count in connection.execute(
        "select _batch_id, event_date, cast(sum(row_count) as bigint) from event_hours "
        "group by _batch_id, event_date "
        "qualify row_number() over (partition by _batch_id order by event_date desc) "
        f"<= {_MAX_DAYS} order by all"
    ).fetchall():
        found[batch_id].setdefault("days", {})[day.isoformat()] = count


def _signs(
    connection: duckdb.DuckDBPyConnection, source: Source, numeric: list[str], found: Profiles
) -> None:
    view = quoted(source.name)
    if source.name in _TYPE_OF_AMOUNT:
        amount, kind = (quoted(column) for column in _TYPE_OF_AMOUNT[source.name])
        for batch_id, value, below, counted in connection.execute(
            f"select _batch_id, {kind}, count_if({amount} < 0), count_if({amount} <> 0) "
            f"from {view} where {kind} is not null group by all"
        ).fetchall():
            found[batch_id].setdefault("signs", {})[value] = [below, counted]
    elif source.has_measures and numeric:
        counts = ", ".join(
            f"count_if({quoted(c)} < 0), count_if({quoted(c)} <> 0)" for c in numeric
        )
        for batch_id, *values in connection.execute(
            f"select _batch_id, {counts} from {view} group by _batch_id"
        ).fetchall():
            found[batch_id]["signs"] = {
                column: values[2 * position : 2 * position + 2]
                for position, column in enumerate(numeric)
                if values[2 * position + 1]
            }


def _scores(connection: duckdb.DuckDBPyConnection, found: Profiles) -> None:
    """Steps from the worst answer (0) to the best (20); a score without a scale is one of 0-10."""
    for batch_id, question, step, count in connection.execute(
        f"""
        select
            _batch_id,
            question_code,
            cast(round({_STEPS} * least(1, greatest(0,
                case when is_reversed then 1 - place else place end))) as int) as step,
            count(*) as row_count
        from (
            select
                *,
                cast(score - coalesce(scale_min, 0) as double)
                / nullif(coalesce(scale_max, 10) - coalesce(scale_min, 0), 0) as place
            from survey_responses
        )
        where place is not null
        group by all
        order by all
        """
    ).fetchall():
        questions, code = found[batch_id].setdefault("scores", {}), showable(question)
        if code in questions or len(questions) < _MAX_QUESTIONS:
            steps = questions.setdefault(code, {})
            steps[str(step)] = steps.get(str(step), 0) + count
