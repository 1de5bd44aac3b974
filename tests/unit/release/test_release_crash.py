"""kill -9 at each step of a publish: the old release serves, a retry converges to the same hash."""

import os
import signal
import subprocess
import sys

import pytest
from fake_candidate import AS_OF

from saydo.release import current_release_id, publish, read_manifest, store

KILLED = """
import os, signal, sys
from datetime import date
from pathlib import Path
from saydo.release import publishing
from saydo.settings import Settings

home, step = Path(sys.argv[1]), sys.argv[2]
settings = Settings(home=home, feeds_file=home.parent / "feeds.yml",
                    policy_file=home.parent / "policy.yml", memory_limit="500MB", threads=2)
original = getattr(publishing, step)

def die_after(*args, **kwargs):
    original(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)

def die_before(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(publishing, step, die_before if sys.argv[3] == "before" else die_after)
publishing.publish(settings, date(2025, 3, 31))
"""

STEPS = [
    ("write_database", "before"),
    ("write_database", "after"),
    ("write_parquet", "after"),
    ("replace_json", "after"),
    ("sync_tree", "after"),
    ("sync_path", "before"),
    ("point_current", "before"),
    ("point_current", "after"),
]


@pytest.mark.parametrize(("step", "moment"), STEPS)
def test_a_killed_publish_leaves_the_old_release_and_a_retry_converges(
    candidate, change, step, moment
):
    first = publish(candidate, AS_OF)
    change("delete from marts.customer_months where month_start_date = date '2025-02-01'")

    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(candidate.home), step, moment], env=os.environ
    )
    assert killed.returncode == -signal.SIGKILL
    is_done = (step, moment) == ("point_current", "after")
    assert (current_release_id(candidate) == first["release_id"]) is not is_done
    assert read_manifest(candidate)["row_counts"]["customer_months"] == (40 if is_done else 80)

    retried = publish(candidate, AS_OF)
    assert retried["is_new"] is not is_done
    assert current_release_id(candidate) == retried["release_id"]
    assert retried["row_counts"]["customer_months"] == 40
    names = sorted(path.name for path in store.releases_dir(candidate).iterdir())
    assert names == [first["release_id"], retried["release_id"]]
    assert not list(candidate.published.glob(".tmp-*"))


def test_the_hash_after_a_kill_is_the_hash_without_one(candidate, change):
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(candidate.home), "write_parquet", "before"]
    )
    assert killed.returncode == -signal.SIGKILL and current_release_id(candidate) is None
    after_kill = publish(candidate, AS_OF)["content_hash"]
    change("create table marts.passing as select 1 as one")
    publish(candidate, AS_OF)
    change("drop table marts.passing")
    assert publish(candidate, AS_OF)["content_hash"] == after_kill
