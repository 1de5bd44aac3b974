"""Sessions as files: what goes in, what is quarantined, and who is told to deliver them."""

from __future__ import annotations

import pytest
from landing_home import Home

from saydo.errors import DeliveryRefused


def test_usage_whose_key_repeats_is_refused_with_the_advice_to_deliver_sessions(home: Home) -> None:
    usage = {"name": "u", "source": "network_usage_daily", "path": "u*", "format": "csv"}
    whose = {"id_type": "'imsi'", "id_value": "who"}
    home.feed({**usage, "columns": whose | {"usage_date": "day", "traffic_mb": "mb"}})
    home.deliver("who,day,mb\n1,2024-01-01,1\n1,2024-01-01,2\n", "u.csv")
    with pytest.raises(DeliveryRefused, match="source: network_sessions, which rolls them up"):
        home.land()


def test_sessions_that_cannot_be_are_quarantined_with_what_to_do(home: Home) -> None:
    sessions = {"name": "s", "source": "network_sessions", "path": "s*", "format": "csv"}
    columns = {
        "session_id": "id",
        "id_type": "'imsi'",
        "id_value": "'1'",
        "started_at": "began",
        "ended_at": "ended",
    }
    home.feed({**sessions, "columns": columns, "expect": {"max_reject_ratio": 1}})
    rows = (
        "a,2024-01-01 10:00:00,2024-01-08 10:00:00",  # as long as one may last
        "b,2024-01-01 10:00:00,2024-01-31 10:00:00",
        "c,2024-01-01 10:00:00,2024-01-01 09:59:59",
        "d,2025-01-01 10:00:00,",
        ",2024-01-01 10:00:00,",
    )
    home.deliver("\n".join(("id,began,ended", *rows)), "s.csv")
    assert home.land()["loaded_count"] == 1
    assert [code for (code,) in home.quarantined("reason_code")] == [
        "stuck_session",
        "ends_before_it_begins",
        "in_the_future",
        "missing_required",
    ]
    (reason, *_) = [text for (text,) in home.quarantined("reason")]
    assert reason == (
        "ended_at lies more than 168 hours after started_at (policy landing.max_session_hours); "
        "map the end and the minutes of what was never closed to null"
    )
