"""Versions of a subscription that overlap are told before they are landed."""

from __future__ import annotations

from types import SimpleNamespace

import duckdb
import pytest

from saydo.landing.versions import note_versions

ENDLESS = "null"


@pytest.mark.parametrize(
    ("first_end", "second_end", "says"),
    [
        (ENDLESS, ENDLESS, "1 versions of a subscription run on into the next"),
        ("timestamp '2024-05-01'", ENDLESS, "1 versions of a subscription run on into the next"),
        (
            "timestamp '2024-05-01'",
            "timestamp '2024-06-01'",
            "1 versions of a subscription over",
        ),
        ("timestamp '2024-03-01'", ENDLESS, None),
    ],
)
def test_versions_that_overlap_are_told_with_what_becomes_of_them(first_end, second_end, says):
    with duckdb.connect() as connection:
        connection.execute(
            "create table staged as select 's' as subscription_id, timestamp '2024-01-01' as "
            f"started_at, cast({first_end} as timestamp) as ended_at, 0 as _error union all "
            f"select 's', timestamp '2024-03-01', {second_end}, 0 union all "
            "select 's', timestamp '2024-02-01', null, 1 union all "  # in quarantine
            "select 'other', timestamp '2024-01-01', null, 0"
        )
        notes = list(note_versions(connection, SimpleNamespace(source="subscriptions")))
        assert [text.startswith(says) for _, text in notes] == ([True] if says else [])
        assert not list(note_versions(connection, SimpleNamespace(source="transactions")))
