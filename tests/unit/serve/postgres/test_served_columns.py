"""What readers have stays: columns are added behind, and nothing goes without somebody's doing."""

from __future__ import annotations

import pytest

from saydo.errors import ReleaseRefused
from saydo.release import rollback
from saydo.serve.postgres import serve


def columns(connection, table: str) -> list[str]:
    rows = connection.execute(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 "
        "order by attnum",
        [f"marts.{table}"],
    ).fetchall()
    return [name for (name,) in rows]


def test_a_column_and_a_table_are_added_behind_what_is_there(
    settings, publish_changed, server, database
):
    serve(settings)
    with server.connect(database) as reader:
        before = columns(reader, "customer_profiles")
        publish_changed(
            "create table marts.new_ones as select 1::bigint as one; "
            "create or replace table marts.customer_profiles as "
            "select 'a' as first_word, * from marts.customer_profiles"
        )
        serve(settings)
        assert columns(reader, "customer_profiles") == [*before, "first_word"]
        assert reader.execute("select one from marts.new_ones").fetchall() == [(1,)]


def test_going_back_leaves_what_the_older_release_lacks_there_and_empty(
    settings, publish_changed, server, database
):
    publish_changed(
        "create table marts.new_ones as select 1::bigint as one; "
        "alter table marts.customer_profiles add column note varchar; "
        "update marts.customer_profiles set note = 'x'"
    )
    serve(settings)
    rollback(settings)
    with server.connect(database) as reader:
        serve(settings)
        notes = "select count(*), count(note) from marts.customer_profiles"
        assert reader.execute(notes).fetchone() == (41, 0)
        assert reader.execute("select count(*) from marts.new_ones").fetchone() == (0,)
        assert columns(reader, "new_ones") == ["one"]


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        (
            "alter table marts.customer_profiles drop column revenue_90d",
            "marts.customer_profiles.revenue_90d would go",
        ),
        (
            "alter table marts.customer_profiles alter column revenue_90d type decimal(18, 4)",
            r"revenue_90d would change from numeric\(18,2\) to numeric\(18,4\)",
        ),
        ("drop table marts.customer_identifiers", "marts.customer_identifiers is not in the rel"),
    ],
)
def test_what_would_take_something_from_readers_is_refused_until_somebody_drops_the_view(
    settings, publish_changed, server, database, sql, told
):
    serve(settings)
    release_id = publish_changed(sql)
    with server.connect(database) as reader:
        served = "select release_id from marts.served_release"
        before = reader.execute(served).fetchone()
        with pytest.raises(ReleaseRefused, match=f"{told}.*Columns are only added"):
            serve(settings)
        assert reader.execute(served).fetchone() == before
        table = "customer_identifiers" if sql.startswith("drop") else "customer_profiles"
        with server.connect(database, "saydo_loader") as loader:
            loader.execute(f"drop view marts.{table}")
        serve(settings)
        assert reader.execute(served).fetchone() == (release_id,)
