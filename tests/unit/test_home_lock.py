"""Who changes a home holds it: one process, or all processes of one run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextvars import Context
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from saydo import home_lock
from saydo.errors import HomeBusy
from saydo.home_lock import free_home, hold_home
from saydo.settings import Settings

HOLD = """
import sys
from pathlib import Path
from saydo.home_lock import hold_home
from saydo.settings import Settings
with hold_home(Settings(home=Path(sys.argv[1])), "a run elsewhere", run=sys.argv[2] or None):
    print("held", flush=True)
    input()
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def elsewhere(settings: Settings, run: str = "") -> subprocess.Popen:
    """Another process that holds the home until it is told to let go."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(settings.home), run],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    return process


def let_go(process: subprocess.Popen) -> None:
    process.communicate("\n", timeout=20)


def is_free(settings: Settings, run: str | None = None) -> bool:
    """Whether somebody else could have the home now."""

    def take() -> None:
        with hold_home(settings, "somebody else", run=run):
            pass

    try:
        Context().run(take)
    except HomeBusy:
        return False
    return True


def test_one_process_at_a_time_and_the_second_is_told_who_holds_it(settings):
    holder = elsewhere(settings)
    told = rf"home/ is held by a run elsewhere \(process {holder.pid} on .*, since 20.* UTC\)"
    with pytest.raises(HomeBusy, match=told) as busy, hold_home(settings, "mine"):
        pass
    assert busy.value.exit_code == 3
    assert "Nothing was changed" in str(busy.value) and "--wait" in str(busy.value)
    let_go(holder)
    assert is_free(settings)


def test_who_is_killed_lets_go(settings):
    holder = elsewhere(settings)
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    assert is_free(settings)


def test_who_waits_gets_it_when_the_other_has_ended(settings, monkeypatch, caplog):
    monkeypatch.setattr(home_lock, "_POLL_SECONDS", 0.05)
    holder = elsewhere(settings)
    threading.Timer(0.5, let_go, [holder]).start()
    with hold_home(settings, "mine", wait=True):
        assert not is_free(settings)
    assert "waiting: home is held by a run elsewhere" in caplog.text


def test_what_is_called_inside_holds_it_with_its_caller(settings):
    with hold_home(settings, "outer"):
        with hold_home(settings, "inner"), hold_home(settings, "a task", run="r"):
            pass
        assert not is_free(settings)
    assert is_free(settings)


def test_processes_of_one_run_hold_it_beside_each_other(settings):
    one, two = elsewhere(settings, "r1"), elsewhere(settings, "r1")
    assert not is_free(settings) and not is_free(settings, "r2") and is_free(settings, "r1")
    let_go(one)
    let_go(two)


def test_a_run_keeps_it_between_its_tasks_until_it_says_that_it_is_over(settings):
    let_go(elsewhere(settings, "r1"))
    assert not is_free(settings)
    told = pytest.raises(HomeBusy, match="if its scheduler is gone, it lets go by itself at")
    with told, hold_home(settings, "mine"):
        pass
    assert free_home(settings, "r1")
    assert is_free(settings)


def test_a_run_that_is_not_heard_of_lets_go_and_one_that_works_does_not(settings, monkeypatch):
    monkeypatch.setattr(home_lock, "ABANDONED_AFTER", timedelta(0))
    holder = elsewhere(settings, "r1")
    assert not is_free(settings)
    let_go(holder)
    assert is_free(settings)


def test_only_the_run_that_holds_it_can_free_it(settings):
    let_go(elsewhere(settings, "r1"))
    assert not free_home(settings, "r2")
    assert not is_free(settings)


def test_a_run_that_is_over_while_a_task_is_at_work_holds_it_until_that_ends(settings):
    holder = elsewhere(settings, "r1")
    assert free_home(settings, "r1")
    assert not is_free(settings)
    let_go(holder)
    assert is_free(settings)


def test_a_file_cut_off_by_a_power_cut_is_nobodys(settings):
    let_go(elsewhere(settings, "r1"))
    (settings.state / "locks" / "home").write_text('{"what": "a ru')
    assert is_free(settings)


def test_homes_are_held_each_by_itself(settings, tmp_path):
    with hold_home(settings, "mine"):
        assert is_free(Settings(home=tmp_path / "other"))


def test_nothing_personal_and_no_path_is_written_down(settings):
    let_go(elsewhere(settings, "r1"))
    written = json.loads((settings.state / "locks" / "home").read_text())
    assert set(written) == {"what", "run", "since", "seen", "pid", "host"}
    assert str(settings.home) not in json.dumps(written)


@pytest.mark.parametrize("count", [2, 6])
def test_of_many_at_once_one_at_a_time_works(settings, tmp_path, count):
    """Each notes when it came and went; no two overlap."""
    code = (
        "import sys, time; from pathlib import Path; from saydo.home_lock import hold_home;"
        "from saydo.settings import Settings\n"
        "with hold_home(Settings(home=Path(sys.argv[1])), 'x', wait=True):\n"
        "    begun = time.time(); time.sleep(0.2)\n"
        "    with open(sys.argv[2], 'a') as log: log.write(f'{begun} {time.time()}\\n')\n"
    )
    log = tmp_path / "log"
    processes = [
        subprocess.Popen([sys.executable, "-c", code, str(settings.home), str(log)])
        for _ in range(count)
    ]
    for process in processes:
        assert process.wait(timeout=60) == 0
    spans = sorted(tuple(map(float, line.split())) for line in log.read_text().splitlines())
    assert len(spans) == count and spans[-1][1] <= time.time()
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
