"""Days and instants turn into each other as Python's own calendar of time zones says."""

from __future__ import annotations

from datetime import UTC, datetime, time
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import duckdb
import jinja2
import pytest
from small_home import PROJECT

MACROS = PROJECT / "macros" / "time" / "business_time.sql"
# Half hours, both hemispheres, a day that never was (Apia), and clocks that change at midnight:
# St Johns, Havana and the Azores have it twice, Santiago and Cairo not at all.
ZONES = (
    "America/Los_Angeles", "Asia/Tokyo", "Asia/Kolkata", "Pacific/Auckland", "America/St_Johns",
    "America/Havana", "Atlantic/Azores", "America/Santiago", "Africa/Cairo", "Pacific/Apia", "UTC",
)  # fmt: skip


@pytest.mark.parametrize("zone", ZONES)
def test_a_day_begins_when_the_clocks_of_the_business_first_say_so(zone):
    names = SimpleNamespace()
    environment = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])
    macros = environment.from_string(
        MACROS.read_text(), globals={"saydo": names, "var": {"business_timezone": zone}.get}
    ).module
    names.business_time = macros.duckdb__business_time
    begins = macros.duckdb__start_of_day("day")
    days = duckdb.sql(
        f"select day, {begins} as begins, cast({names.business_time(begins)} as date) as is_of, "
        f"cast({names.business_time(f'({begins} - interval 1 second)')} as date) as before "
        "from (select date '2007-01-01' + cast(i as integer) as day from range(2200) as t (i))"
    ).fetchall()
    for day, begun, is_of, before in days:
        midnight = datetime.combine(day, time(), ZoneInfo(zone))
        assert begun == midnight.astimezone(UTC).replace(tzinfo=None)
        assert before < day and (is_of == day or (zone, str(day)) == ("Pacific/Apia", "2011-12-30"))
