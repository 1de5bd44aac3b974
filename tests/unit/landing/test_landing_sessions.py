"""Sessions as files: what goes in, what is quarantined, and who is told to deliver them."""

from __future__ import annotations

import pytest
from landing_home import Home

from saydo.errors import DeliveryRefused
from saydo.landing import replay_batch


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


def feed_sessions(home: Home, **columns: str) -> None:
    whose = {"session_id": "id", "id_type": "'imsi'", "id_value": "'1'", "started_at": "began"}
    feed = {"name": "s", "source": "network_sessions", "path": "s*", "format": "csv"}
    home.feed({**feed, "columns": whose | columns, "expect": {"max_reject_ratio": 1}})


def test_a_session_that_is_told_twice_in_one_file_with_other_values_refuses_it(home: Home) -> None:
    feed_sessions(home, traffic_mb="mb")
    home.deliver("id,began,mb\na,2024-01-01 10:00:00,1\na,2024-01-01 10:00:00,2\n", "s.csv")
    with pytest.raises(DeliveryRefused, match=r"1 of 2 rows share a key \(session_id\)"):
        home.land()


def test_sessions_that_were_quarantined_land_through_a_mended_mapping(home: Home) -> None:
    feed_sessions(home, ended_at="ended")
    rows = ("a,2024-01-01 10:00:00,2024-01-01 11:00:00", "b,2024-01-02 10:00:00,9999-12-31")
    home.deliver("\n".join(("id,began,ended", *rows)), "s.csv")
    assert home.land()["quarantined_count"] == 1
    (batch,) = home.ledger()
    feed_sessions(home, ended_at="nullif(ended, '9999-12-31')")
    assert replay_batch(home.settings, batch.batch_id)["loaded_count"] == 1
    assert home.rows("session_id, ended_at is null", "network_sessions") == [
        ("a", False),
        ("b", True),
    ]


def test_thirty_measures_of_ones_own_land_beside_the_built_in_ones(home: Home) -> None:
    names = [f"own_{number}" for number in range(30)]
    home.config["measures"] = [{"name": name} for name in names]
    feed_sessions(home, **dict.fromkeys(names, "mb"), traffic_mb="mb")
    home.deliver("id,began,mb\na,2024-01-01 10:00:00,1.5\n", "s.csv")
    assert home.land()["loaded_count"] == 1
    assert home.rows(", ".join(["traffic_mb", *names]), "network_sessions") == [(1.5,) * 31]
