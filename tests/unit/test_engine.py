"""The one way to open DuckDB: within limits, and with a place of its own to spill."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from saydo import engine
from saydo.engine import memory_limit, open_database, spill_folder, sweep
from saydo.errors import SaydoError
from saydo.landing.engine import connect
from saydo.settings import Settings

GIB = 1 << 30
# More than 60 MB of rows that say whose they are; every one is read back and compared.
SPILL = """
import os, signal, sys
from pathlib import Path
from saydo.landing.engine import connect
from saydo.settings import Settings
tag = int(sys.argv[2])
with connect(Settings(home=Path(sys.argv[1]), memory_limit="64MiB", threads=1)) as connection:
    connection.execute(
        f"create temp table mine as select i, {tag}::bigint as tag, hash(i, {tag}) as h, "
        f"hash(i, {tag}, 1) as h1, 'clear' || i || '@example.org' as mail "
        "from range(1500000) as numbers (i)"
    )
    print("spilt", flush=True)
    input()
    print(connection.execute(
        f"select count(*) filter (where tag <> {tag} or h <> hash(i, {tag}) "
        f"or h1 <> hash(i, {tag}, 1) or mail <> 'clear' || i || '@example.org'), count(*) from mine"
    ).fetchone(), flush=True)
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", memory_limit="64MiB", threads=1)


def spilling(settings: Settings, tag: int) -> subprocess.Popen:
    """Another process that has spilled, and waits."""
    process = subprocess.Popen(
        [sys.executable, "-c", SPILL, str(settings.home), str(tag)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "spilt\n"
    return process


def folders(settings: Settings) -> list[Path]:
    return sorted((settings.home / "tmp").iterdir())


def test_two_that_spill_at_once_read_back_their_own_rows(settings):
    processes = [spilling(settings, tag) for tag in (1, 2)]
    assert len(folders(settings)) == 2 and all(list(f.iterdir()) for f in folders(settings))
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        assert process.stdout.readline() == "(0, 1500000)\n"
        process.communicate(timeout=60)
    assert folders(settings) == []


def test_nobody_else_may_look_into_what_is_spilt(settings):
    process = spilling(settings, 1)
    (folder,) = folders(settings)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
    process.communicate("\n", timeout=60)


def test_what_a_killed_process_spilt_is_gone_with_the_next_connection_and_no_other(settings):
    killed, alive = spilling(settings, 1), spilling(settings, 2)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    assert len(folders(settings)) == 2
    with connect(settings):
        (kept,) = [f for f in folders(settings) if not f.name.startswith(f"{os.getpid()}-")]
    assert kept.name.startswith(f"{alive.pid}-")
    assert alive.communicate("\n", timeout=60)[0] == "(0, 1500000)\n"


def test_what_a_version_before_spilt_is_swept_too(settings):
    former = settings.home / "tmp" / "landing"
    former.mkdir(parents=True)
    (former / "duckdb_temp_storage_DEFAULT-0.tmp").write_text("clear")
    assert sweep(settings) == 1 and not former.exists()


def test_a_home_without_one_has_nothing_to_sweep(settings):
    assert sweep(settings) == 0 and not settings.home.exists()


def test_a_connection_that_ends_in_an_error_leaves_nothing(settings):
    def fail() -> None:
        with open_database(settings) as connection:
            connection.execute("create temp table t as select i from range(1000000) r(i)")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert folders(settings) == []


def test_a_file_that_cannot_be_opened_leaves_nothing(settings):
    import duckdb

    with pytest.raises(duckdb.IOException):
        open_database(settings, settings.home / "no" / "such.duckdb", read_only=True)
    assert folders(settings) == []


def test_a_forked_child_that_ends_takes_nothing_of_its_parents(settings):
    with open_database(settings):
        child = os.fork()
        if child == 0:
            os._exit(_end_normally())
        os.waitpid(child, 0)
        assert len(folders(settings)) == 1


def _end_normally() -> int:
    """What the end of a process does to weak references' finalizers."""
    import weakref

    weakref.finalize._exitfunc()
    return 0


def test_a_fixed_name_is_one_processs_at_a_time_and_free_after_it(settings):
    busy = pytest.raises(SaydoError, match="tmp/build is in use by another process")
    with spill_folder(settings, "build") as folder:
        assert folder == settings.home / "tmp" / "build"
        with busy, spill_folder(settings, "build"):
            pass
    with spill_folder(settings, "build"):
        pass


@pytest.mark.parametrize(
    ("wanted", "beside", "expected"),
    [
        ("4GB", 1, 4_000_000_000),
        ("4GB", 4, 1_000_000_000),
        ("2GiB", 1, 2 * GIB),
        ("50%", 1, 5 * GIB),
        ("50%", 2, 2.5 * GIB),
        ("64GB", 1, 8 * GIB),  # never more than 0.8 of the machine
        ("64GB", 4, 2 * GIB),
        ("200%", 8, 1 * GIB),
        ("10MB", 4, 64 << 20),  # less than this and nothing works
    ],
)
def test_memory_is_one_share_of_the_machine_for_all(
    tmp_path, monkeypatch, wanted, beside, expected
):
    monkeypatch.setattr(engine, "_machine_bytes", lambda: 10 * GIB)
    limit = memory_limit(Settings(home=tmp_path, memory_limit=wanted), beside)
    assert limit == f"{int(expected) >> 10}KiB"


def test_a_containers_limit_counts_as_the_machine(tmp_path, monkeypatch):
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(engine, "_CONTAINER_LIMITS", (tmp_path / "none", limit))
    limit.write_text("max\n")
    whole = engine._machine_bytes()
    limit.write_text(f"{whole // 2}\n")
    assert engine._machine_bytes() == whole // 2


def test_feeds_landed_beside_each_other_share_the_memory(tmp_path):
    settings = Settings(home=tmp_path, memory_limit="400MiB", parallel_tasks=4)
    with connect(settings) as connection:
        limit = connection.execute("select current_setting('memory_limit')").fetchone()
    assert limit == ("100.0 MiB",)


@pytest.mark.parametrize("wrong", ["4", "GB", "4 apples", "-1GB", "4GB; drop"])
def test_a_memory_limit_that_is_none_is_told_by_its_variable(monkeypatch, wrong):
    from saydo.cli.app import settings_of
    from saydo.errors import ConfigError

    monkeypatch.setenv("SAYDO_MEMORY_LIMIT", wrong)
    with pytest.raises(ConfigError, match=r"SAYDO_MEMORY_LIMIT: .*a size such as 4GB"):
        settings_of()
