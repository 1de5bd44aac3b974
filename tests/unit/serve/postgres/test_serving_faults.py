"""Whatever stops it, readers keep what they had, the files stay, and a retry converges."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import psycopg
import pytest
from postgres_server import serving

from saydo.errors import ConfigError, ReleaseRefused, SaydoError
from saydo.release import current_release_id, rollback
from saydo.release.store import release_ids
from saydo.serve.postgres import serve
from saydo.serve.postgres.connecting import telling

KILLED = """
import os, signal, sys
from pathlib import Path
from saydo.serve.postgres import loading, pointing, serving
from saydo.settings import Settings

home, step, when = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
module = next(m for m in (serving, loading, pointing) if hasattr(m, step))
original = getattr(module, step)

def die(*args, **kwargs):
    if when == "after":
        original(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(module, step, die)
serving.serve(Settings(home=home, memory_limit="500MB", threads=2,
                       publish_file=home.parent / "publish.yml"))
"""


def shown(server, database) -> tuple[str, int]:
    """Which release readers see, and how many rows of it."""
    with server.connect(database) as reader:
        return reader.execute(
            "select (select release_id from marts.served_release), count(*) "
            "from marts.customer_profiles"
        ).fetchone()


@pytest.mark.parametrize(
    ("step", "when", "is_moved"),
    [
        ("load", "before", False),
        ("_copy", "after", False),  # of the first table
        ("_say_which", "after", False),
        ("load", "after", False),
        ("_is_swapped", "before", False),
        ("_is_swapped", "after", True),
        ("describe", "before", True),
        ("drop", "before", True),
        ("drop", "after", True),
    ],
)
def test_killed_at_any_step_readers_see_one_release_whole_and_a_retry_converges(
    settings, server, database, step, when, is_moved
):
    older, newer = release_ids(settings)
    rollback(settings)
    serve(settings)
    rollback(settings, newer)
    command = [sys.executable, "-c", KILLED, str(settings.home), step, when]
    secret = {"SAYDO_PUBLISH_POSTGRES": server.uri(database)}
    killed = subprocess.run(command, env=os.environ | secret, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert shown(server, database) == ((newer, 41) if is_moved else (older, 40))
    _until_alone(server, database)
    assert serve(settings)["release_id"] == newer
    assert shown(server, database) == (newer, 41)


def _until_alone(server, database) -> None:
    """The server notices that the killed process is gone, ends its work and lets go."""
    with server.connect(database, "saydo_loader") as watcher:
        for _ in range(200):
            (count,) = watcher.execute(
                "select count(*) from pg_stat_activity where application_name = 'saydo serve'"
            ).fetchone()
            if count == 0:
                return
            watcher.execute("select pg_sleep(0.05)")
    raise AssertionError("the server still works for a killed process after 10 seconds")


def test_a_second_publisher_is_told_who_the_first_is(settings, server, database):
    with server.connect(database, "saydo_loader") as other:
        other.execute("select pg_advisory_lock(hashtextextended('saydo serve', 0))")
        pid = other.info.backend_pid
        with pytest.raises(SaydoError, match=rf"another publisher.*process {pid} of saydo_loader"):
            serve(settings)
    _until_alone(server, database)
    assert serve(settings)["is_moved"]


def test_a_reader_that_holds_a_view_is_named_and_is_not_cut_off(settings, server, database):
    older, newer = release_ids(settings)
    rollback(settings)
    serve(settings)
    rollback(settings, newer)
    impatient = serving(settings, server.uri(database), "postgres: {wait_for_readers_seconds: 0.2}")
    with server.connect(database) as reader, reader.transaction():
        reader.execute("select count(*) from marts.customer_profiles")
        pid = reader.info.backend_pid
        with pytest.raises(SaydoError, match=rf"held by process {pid} of bi.*It is loaded"):
            serve(impatient)
        assert reader.execute("select release_id from marts.served_release").fetchone() == (older,)
    outcome = serve(impatient)
    assert (outcome["is_loaded"], outcome["is_moved"]) == (False, True)


def test_a_reader_whose_snapshot_is_older_than_the_load_sees_the_release_in_full(
    settings, server, database
):
    rollback(settings)
    serve(settings)
    with server.connect(database) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with reader.transaction():
            reader.execute("select 1")
            rollback(settings, release_ids(settings)[-1])
            serve(settings)
            count = reader.execute("select count(*) from marts.customer_profiles").fetchone()
    assert count == (41,)


def test_an_old_release_that_a_reader_has_open_is_dropped_later(settings, server, database):
    rollback(settings)
    schema = serve(settings)["schema"]
    rollback(settings, release_ids(settings)[-1])
    one = serving(settings, server.uri(database), "postgres: {keep_releases: 1}")
    with server.connect(database) as reader, reader.transaction():
        reader.execute(f"select count(*) from {schema}.customer_profiles")
        assert serve(one)["stayed"] == {schema: "a reader has it open"}
    assert serve(one)["dropped"] == [schema]


def test_what_others_built_on_a_release_is_never_dropped(settings, server, database):
    rollback(settings)
    schema = serve(settings)["schema"]
    with server.connect(database, "saydo_loader") as other:
        other.execute(
            f"create or replace view public.mine as select * from {schema}.customer_profiles"
        )
        rollback(settings, release_ids(settings)[-1])
        one = serving(settings, server.uri(database), "postgres: {keep_releases: 1}")
        assert "view public.mine depends on" in serve(one)["stayed"][schema]
        assert other.execute("select count(*) from public.mine").fetchone() == (40,)


FOREIGN = [
    "create table marts.customer_profiles (one int)",
    "create view marts.customer_profiles as select 1 as one",
    "create materialized view marts.customer_profiles as select 1 as one",
    "create table marts.served_release (release_id text)",
]


@pytest.mark.parametrize("sql", FOREIGN)
def test_what_others_made_under_a_marts_name_is_told_and_not_touched(
    settings, server, database, sql
):
    with server.connect(database, "saydo_loader") as other:
        other.execute("create schema marts")
        other.execute(sql)
        name = sql.split()[sql.split().index("view" if "view" in sql else "table") + 1]
        before = other.execute(f"select count(*) from {name}").fetchone()
        with pytest.raises(ReleaseRefused, match=rf"{name} .* not made by Saydo"):
            serve(settings)
        assert other.execute(f"select count(*) from {name}").fetchone() == before


def test_a_schema_of_others_under_a_releases_name_is_told_and_not_touched(
    settings, server, database
):
    schema = "release_" + current_release_id(settings).replace("-", "_")
    with server.connect(database, "saydo_loader") as other:
        other.execute(f"create schema {schema}")
        with pytest.raises(ReleaseRefused, match=f"{schema} .* not made by Saydo"):
            serve(settings)
        other.execute(f"create table {schema}.still_there (one int)")


def test_a_wrong_password_is_told_and_no_password(settings, server, database):
    wrong = serving(settings, server.uri(database, password="wr0ng-secret"))
    with pytest.raises(SaydoError, match="password authentication failed") as told:
        serve(wrong)
    assert "wr0ng-secret" not in str(told.value)
    assert told.value.__cause__ is None and told.value.__suppress_context__
    assert "wr0ng-secret" not in repr(wrong)


@pytest.mark.parametrize(
    "secret", ["p@7ty", "p/7ty", "p@h/7ty", "p%zz7ty", "p#ss@7ty", "p:5/7ty"], ids=lambda word: word
)
def test_an_address_that_its_password_breaks_is_told_without_a_part_of_it(settings, secret):
    broken = serving(settings, f"postgresql://saydo_loader:{secret}@127.0.0.1:1/saydo")
    with pytest.raises(ConfigError, match="percent-encode") as told:
        serve(broken)
    assert "7ty" not in str(told.value)


def test_postgresql_down_is_told_and_the_files_stay_published(settings):
    down = serving(settings, "postgresql://saydo_loader:secret@127.0.0.1:1/saydo")
    current = current_release_id(settings)
    with pytest.raises(SaydoError, match=r"cannot be reached: .*refused.*files.*are published"):
        serve(down)
    assert current_release_id(settings) == current


def test_a_server_that_stops_on_the_way_is_told(settings, server, database, monkeypatch):
    def stopped(connection, *_):
        server.admin(f"select pg_terminate_backend({connection.info.backend_pid})")
        connection.execute("select 1")

    monkeypatch.setattr("saydo.serve.postgres.loading._say_which", stopped)
    with pytest.raises(SaydoError, match=r"loading r\d+.*look at .*files.*are published"):
        serve(settings)
    monkeypatch.undo()
    assert serve(settings)["is_loaded"]


def test_a_full_disk_is_told_with_what_to_do(server, database):
    with server.connect(database) as reader, pytest.raises(SaydoError, match="disk is full: free"):  # noqa: SIM117
        with telling("loading"):
            reader.execute(
                "do $$ begin raise exception 'could not extend file' using errcode = '53100'; "
                "end $$"
            )


def test_an_error_quotes_no_row(settings, publish_changed):
    publish_changed("insert into marts.customer_profiles select * from marts.customer_profiles")
    with pytest.raises(SaydoError, match="key that the mart's YAML declares") as told:
        serve(settings)
    assert "c_00000" not in str(told.value)


def test_a_text_that_postgresql_cannot_hold_is_told(settings, publish_changed):
    publish_changed("update marts.data_readiness set why = 'a' || chr(0) || 'b'")
    with pytest.raises(ReleaseRefused, match="data_readiness: a text holds a NUL"):
        serve(settings)


def test_without_the_readers_role_it_is_said_what_to_run(settings, server, database):
    uri = server.uri(database)
    with pytest.raises(ConfigError, match=r"no role 'nobody'.*saydo serve init"):
        serve(serving(settings, uri, "postgres: {reader_role: nobody}"))


def test_a_role_that_may_make_nothing_is_told_what_to_run(settings, server, database):
    with pytest.raises(SaydoError, match=r"permission denied for database.*saydo serve init"):
        serve(serving(settings, server.uri(database, "bi")))
