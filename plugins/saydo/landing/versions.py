"""Versions of one subscription that overlap in a file, and which of them count."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from saydo.config import Feed


def note_versions(connection: duckdb.DuckDBPyConnection, feed: Feed) -> Iterator[tuple[str, str]]:
    """What overlaps among the rows of `staged`, as (column, sentence); nothing for other sources.

    The rule is that of the model int_subscriptions_spanned: a newer version ends the one before,
    unless both carry an end.
    """
    if feed.source != "subscriptions":
        return
    ended, both = connection.execute(
        """
        select
            count(*) filter (where ended_at is null or next_ended_at is null),
            count(*) filter (where ended_at is not null and next_ended_at is not null)
        from (
            select
                ended_at,
                lead(started_at) over versions as next_started_at,
                lead(ended_at) over versions as next_ended_at
            from (
                select distinct on (subscription_id, started_at) *
                from staged
                where _error = 0
                order by subscription_id, started_at, ended_at
            )
            window versions as (partition by subscription_id order by started_at)
        )
        where next_started_at < coalesce(ended_at, timestamp '9999-12-31')
        """
    ).fetchone()
    if ended:
        yield (
            "ended_at",
            f"{ended} versions of a subscription run on into the next, which ends them where it "
            "starts; deliver their end, and give two subscriptions two subscription_ids",
        )
    if both:
        yield (
            "ended_at",
            f"{both} versions of a subscription overlap the next, and both carry an end: both "
            "count for the time they share; deliver the end of the version before, or leave it out",
        )
