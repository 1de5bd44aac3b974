"""How a delivered value becomes a canonical one: SQL that gives null for what cannot be typed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from saydo.contract import SQL_TYPES, Type
from saydo.sql import literal

_FIRST_YEAR, _LAST_YEAR = 1950, 2060
_DECIMALS = 6  # of a landed amount
_DIGITS_OF_A_DOUBLE = 15
_HAS_OFFSET = r"([A-Za-z]|:[^+-]*[+-][0-9:]+)\s*$"
_HAS_NONE = "????-??-?? ??:??:?[0-9]"  # the usual spelling, told faster than by the pattern above


@cache
def zone_offsets(zone: str) -> tuple[tuple[datetime, int], ...]:
    """(local time from which it holds, seconds ahead of UTC) for every change of a zone's clock.

    A local time that a clock change skips, or passes twice, is read with the offset that held
    before the change.
    """
    tz = ZoneInfo(zone)

    def offset(instant: datetime) -> int:
        return int(instant.astimezone(tz).utcoffset().total_seconds())  # type: ignore[union-attr]

    here = datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC)
    changes = [(datetime.min, offset(here))]
    end = datetime(_LAST_YEAR, 1, 1, tzinfo=UTC)
    step = timedelta(days=7)
    while here < end:
        there = here + step
        if offset(there) != offset(here):
            low, high = here, there
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                low, high = (middle, high) if offset(middle) == offset(here) else (low, middle)
            high = high.replace(microsecond=0)
            before = offset(here)
            # Local clock reading at the change, by the later of both clocks: until then the
            # earlier offset is used.
            local = high.replace(tzinfo=None) + timedelta(seconds=max(before, offset(there)))
            changes.append((local, offset(there)))
        here = there
    return tuple(changes)


def to_utc_sql(naive: str, zone: str) -> str:
    """A naive timestamp of a zone, as UTC: a balanced tree of comparisons, eight a row."""
    changes = zone_offsets(zone)
    if len(changes) == 1:
        return _shifted(naive, str(changes[0][1] * 1_000_000))

    def tree(low: int, high: int) -> str:
        if low == high:
            return str(changes[low][1] * 1_000_000)
        middle = (low + high + 1) // 2
        start = literal(changes[middle][0].isoformat(sep=" "))
        return (
            f"case when {naive} < timestamp {start} then {tree(low, middle - 1)} "
            f"else {tree(middle, high)} end"
        )

    return _shifted(naive, tree(0, len(changes) - 1))


def _shifted(naive: str, microseconds: str) -> str:
    if microseconds == "0":
        return naive
    return f"make_timestamp(epoch_us({naive}) - {microseconds})"


def typed_sql(value: str, found: str, wanted: Type, naive: str, zone: str) -> str:
    """`value` as the canonical type `wanted`, or null.

    Args:
        value: a column that holds the delivered value.
        found: its engine type.
        wanted: the canonical type.
        naive: a column that holds `naive_sql(value)`; used for instants only.
        zone: the zone of naive times.
    """
    is_text = found == "VARCHAR"
    if found.lower() == SQL_TYPES[wanted] and wanted in ("number", "money", "integer", "boolean"):
        return value
    if wanted == "text":
        if found in ("DOUBLE", "FLOAT"):
            whole = f"cast(try_cast({value} as hugeint) as varchar)"
            return (
                f"case when {value} = trunc({value}) then {whole} else cast({value} as varchar) end"
            )
        return value if is_text else f"cast({value} as varchar)"
    if wanted == "instant":
        return _instant(value, found, naive, zone)
    if wanted == "date":
        if found == "TIMESTAMP WITH TIME ZONE":
            return f"cast(timezone({literal(zone)}, {value}) as date)"
        return _if(
            is_text or found == "DATE" or found.startswith("TIMESTAMP"),
            f"try_cast({value} as date)",
            "date",
        )
    if wanted == "boolean":
        return f"try_cast({'trim(' + value + ')' if is_text else value} as boolean)"
    if found in ("BOOLEAN", "DATE") or found.startswith("TIMESTAMP"):
        return f"cast(null as {SQL_TYPES[wanted]})"
    if wanted == "integer":
        number = f"try_cast({value} as decimal(38,6))"
        cast = f"case when {number} = trunc({number}) then try_cast({number} as bigint) end"
    else:
        cast = f"try_cast({value} as {SQL_TYPES[wanted]})"
    # 4.47E+11 is what a spreadsheet leaves of a number: its digits are gone.
    return f"case when not contains({value}, 'E+') then {cast} end" if is_text else cast


def lost_sql(value: str, found: str, typed: str) -> str:
    """Whether digits of an amount were lost when it was typed; empty where none can be.

    Digits that were written are not rounded away. A floating-point number has digits that nobody
    wrote (1234.4899999999998): it is rounded, unless that changes it by more than a thousandth.
    """
    if found in ("DOUBLE", "FLOAT"):
        return _changed(value, typed)
    if found.startswith("DECIMAL"):
        return "" if int(found[:-1].split(",")[1]) <= _DECIMALS else f"{value} <> {typed}"
    if found != "VARCHAR":
        return ""
    # Short numbers are told by their length, which costs least. Programs write 2.5e-05.
    changed = _changed(f"try_cast({value} as double)", typed)
    return (
        f"(strlen({value}) > {_DECIMALS + 1} "
        f"and regexp_matches({value}, '[.][0-9]{{{_DECIMALS}}}[0-9]*[1-9]') "
        f"and (strlen(trim({value})) <= {_DIGITS_OF_A_DOUBLE} or {changed})) "
        f"or ((contains({value}, 'e-') or contains({value}, 'E-')) and {changed})"
    )


def _changed(number: str, typed: str) -> str:
    return f"({number} - {typed}) not between -0.001 * {number} and 0.001 * {number}"


def naive_sql(value: str, found: str) -> str:
    """The clock reading of an instant that carries no offset, as a naive timestamp."""
    if found == "VARCHAR" or found == "DATE" or found.startswith("TIMESTAMP"):
        return f"try_cast({value} as timestamp)"
    return "cast(null as timestamp)"


def _instant(value: str, found: str, naive: str, zone: str) -> str:
    if found == "TIMESTAMP WITH TIME ZONE":
        return f"make_timestamp(epoch_us({value}))"
    utc = to_utc_sql(naive, zone)
    if found != "VARCHAR":
        return utc
    # The engine's cast to timestamp drops an offset in the text: the slower cast honours it.
    # It takes no blank before the offset, which `10:00:00 +0100` has.
    joined = f"regexp_replace({value}, '\\s+([+-][0-9:]+)\\s*$', '\\1')"
    exact = f"make_timestamp(epoch_us(try_cast({joined} as timestamptz)))"
    return f"case when {has_offset_sql(value)} then {exact} else {utc} end"


def has_offset_sql(value: str) -> str:
    """Whether the text of a time says its zone."""
    return (
        f"(not {value} glob {literal(_HAS_NONE)} "
        f"and regexp_matches({value}, {literal(_HAS_OFFSET)}))"
    )


def _if(condition: bool, sql: str, type_: str) -> str:
    return sql if condition else f"cast(null as {type_})"
