"""What PostgreSQL serves is what the files say, and who may read can do nothing else."""

from __future__ import annotations

from datetime import date

import duckdb
import psycopg
import pytest
from fake_candidate import build_candidate
from postgres_server import serving

from saydo.release import current_release_id, publish, read_manifest, release_dir, rollback
from saydo.release.store import release_ids
from saydo.serve.page.rolling_back import roll_back_from
from saydo.serve.postgres import serve
from saydo.serve.postgres.loading import schema_name

ODD_ROWS = """
create table marts.odd_rows as select
    big::bigint as big, double_value::double as double_value, wide::decimal(38, 6) as wide,
    money::decimal(18, 2) as money, happened_at::timestamp as happened_at,
    day_date::date as day_date, is_odd, words as "Tëxt q", tiny::tinyint as tiny,
    small::smallint as small, whole::integer as whole
from (values
    ('1', '1.5', '12345678901234567890123456789012.654321', '-0.01', '1969-12-31 23:59:59.999999',
        '0001-01-01', true, 'é "q" \\N ' || chr(9) || chr(10) || 'x', '7', '-7', '70000'),
    ('9223372036854775807', 'nan', '0', '99999999.99', '2262-04-11', '9999-12-31', false, '',
        '-128', '32767', '-2147483648'),
    (null, '-infinity', null, null, null, null, null, null, null, null, null)
) t(big, double_value, wide, money, happened_at, day_date, is_odd, words, tiny, small, whole)
"""


def ids(settings) -> list[str]:
    return [schema_name(read_manifest(settings, release)) for release in release_ids(settings)]


def schemas(connection) -> list[str]:
    rows = connection.execute(
        "select nspname from pg_namespace where nspname like 'release%' order by 1"
    ).fetchall()
    return [name for (name,) in rows]


def count(connection, table: str = "marts.customer_profiles") -> int:
    return connection.execute(f"select count(*) from {table}").fetchone()[0]


def served(connection) -> str:
    return connection.execute("select release_id from marts.served_release").fetchone()[0]


def test_every_table_is_served_row_for_row_and_of_its_type(
    settings, publish_changed, server, database
):
    release_id = publish_changed(ODD_ROWS)
    outcome = serve(settings)
    assert outcome["row_count"] == sum(read_manifest(settings)["row_counts"].values())
    with (
        duckdb.connect(str(release_dir(settings, release_id) / "marts.duckdb")) as files,
        server.connect(database) as reader,
    ):
        tables = [name for (name,) in files.execute("show tables").fetchall()]
        assert "odd_rows" in tables and len(tables) == outcome["table_count"]
        for table in tables:
            mine = reader.execute(f"select * from marts.{table}").fetchall()
            theirs = files.execute(f"from {table}").fetchall()
            assert sorted(map(str, mine)) == sorted(map(str, theirs)), table
        kinds = reader.execute(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute "
            "where attrelid = 'marts.odd_rows'::regclass and attnum > 0 order by attnum"
        ).fetchall()
    assert dict(kinds) == {
        "big": "bigint", "double_value": "double precision", "wide": "numeric(38,6)",
        "money": "numeric(18,2)", "happened_at": "timestamp without time zone",
        "day_date": "date", "is_odd": "boolean", "Tëxt q": "text", "tiny": "smallint",
        "small": "smallint", "whole": "integer",
    }  # fmt: skip


def test_an_instant_is_the_same_in_every_session(settings, server, database):
    serve(settings)
    with server.connect(database) as reader:
        reader.execute("set timezone = 'America/Los_Angeles'")
        read = reader.execute("select last_event_at::text from marts.data_readiness").fetchone()
    assert read == ("2025-03-31 22:00:00",)


def test_descriptions_keys_and_statistics_are_there(settings, server, database):
    schema = serve(settings)["schema"]
    with server.connect(database) as reader:
        for relation in (f"{schema}.customer_profiles", "marts.customer_profiles"):
            told = reader.execute(
                "select obj_description(oid), col_description(oid, 1) from pg_class "
                "where oid = %s::regclass",
                [relation],
            ).fetchone()
            assert told == ("One row per customer's profile.", "The resolved customer.")
        keys = reader.execute(
            "select relname, indisprimary, pg_get_indexdef(indexrelid) from pg_index "
            "join pg_class on pg_class.oid = indrelid where indisunique "
            "and relnamespace = to_regnamespace(%s)",
            [schema],
        ).fetchall()
        found = {name: (primary, sql.split("btree ")[1]) for name, primary, sql in keys}
        assert found["customer_profiles"] == (True, "(customer_id)")
        assert found["customer_months"] == (True, "(customer_id, month_start_date)")
        # valid_from_at may be null: unique, and no primary key.
        key = "(id_type, id_key, customer_id, valid_from_at)"
        assert found["customer_identifiers"] == (False, key)
        rows = reader.execute(
            "select reltuples, relallvisible > 0 from pg_class where oid = %s::regclass",
            [f"{schema}.customer_profiles"],
        ).fetchone()
    assert rows == (41, True)


WRITES = [
    "delete from marts.customer_profiles",
    "update {schema}.customer_profiles set customer_id = 'x'",
    "insert into marts.served_release values ('x')",
    "truncate {schema}.customer_months",
    "drop view marts.customer_profiles",
    "create view marts.mine as select 1",
    "create table {schema}.mine (one int)",
    "create schema mine",
    "create temp table mine (one int)",
    "create table public.mine (one int)",
    "copy marts.customer_profiles to program 'cat'",
    "select pg_read_file('/etc/passwd')",
    "select * from pg_authid",
    "set role saydo_loader",
]


def test_a_reader_may_read_and_nothing_else(settings, server, database):
    schema = serve(settings)["schema"]
    refused = (psycopg.errors.InsufficientPrivilege, psycopg.errors.WrongObjectType)
    with server.connect(database) as reader:
        assert count(reader) == count(reader, f"{schema}.customer_profiles") == 41
        for sql in WRITES:
            with pytest.raises(refused):
                reader.execute(sql.format(schema=schema))


def test_the_loader_is_no_superuser(settings, server, database):
    with server.connect(database, "saydo_loader") as loader:
        rights = loader.execute(
            "select rolsuper, rolcreaterole, rolcreatedb from pg_roles where rolname = current_user"
        ).fetchone()
    assert rights == (False, False, False)


def test_served_again_nothing_is_loaded_or_moved(settings):
    first, second = serve(settings), serve(settings)
    assert (first["is_loaded"], first["is_moved"]) == (True, True)
    assert (second["is_loaded"], second["is_moved"]) == (False, False)


def test_a_rollback_is_followed_and_so_is_the_way_back(settings, server, database):
    older, newer = release_ids(settings)
    serve(settings)
    with server.connect(database) as reader:
        rollback(settings)
        assert serve(settings)["is_loaded"]
        assert (served(reader), count(reader)) == (older, 40)
        rollback(settings, newer)
        again = serve(settings)
        assert (again["is_loaded"], again["is_moved"]) == (False, True)
        assert (served(reader), count(reader)) == (newer, 41)


def test_a_rollback_from_the_page_is_followed(settings, server, database):
    older, newer = release_ids(settings)
    serve(settings)
    done = roll_back_from(settings, older, newer)
    assert done["served"] == ["PostgreSQL serves it"]
    with server.connect(database) as reader:
        assert (served(reader), count(reader)) == (older, 40)


def test_a_rollback_from_the_page_says_that_postgresql_has_not_followed(settings, server):
    older, newer = release_ids(settings)
    down = serving(settings, "postgresql://saydo_loader:s3cret@127.0.0.1:1/bi")
    (told,) = roll_back_from(down, older, newer)["served"]
    assert current_release_id(settings) == older
    assert told.startswith("PostgreSQL has not followed: ") and "s3cret" not in told


def test_the_last_releases_are_kept_and_those_whose_files_are_gone_are_not(
    settings, publish_changed, server, database
):
    serve(settings)
    for day in (1, 2):
        publish_changed(f"update marts.data_readiness set loaded_count = {day}")
        outcome = serve(settings)
    kept = ids(settings)
    assert outcome["dropped"] == [kept[-3]]
    with server.connect(database, "saydo_loader") as loader:
        assert schemas(loader) == kept[-2:]
        (settings.published / "releases" / release_ids(settings)[-2]).rename(settings.home / "gone")
        assert serve(settings)["dropped"] == [kept[-2]]
        assert schemas(loader) == kept[-1:]


def test_how_many_are_kept_is_configured(settings, publish_changed, server, database):
    uri = settings.publish_postgres.get_secret_value()
    settings = serving(settings, uri, "postgres: {keep_releases: 1}")
    serve(settings)
    publish_changed("update marts.data_readiness set loaded_count = 1")
    serve(settings)
    with server.connect(database, "saydo_loader") as loader:
        assert schemas(loader) == ids(settings)[-1:]


def test_a_release_of_an_older_day_is_not_what_is_served(settings, server, database):
    current = current_release_id(settings)
    build_candidate(settings, date(2025, 2, 28))
    assert publish(settings, date(2025, 2, 28))["release_id"] > current
    serve(settings)
    with server.connect(database) as reader:
        assert served(reader) == current


def test_without_an_address_nothing_is_asked_of_anybody(settings):
    for given in (None, ""):
        secret = settings.publish_postgres and type(settings.publish_postgres)(given or "")
        assert serve(settings.model_copy(update={"publish_postgres": secret})) is None
