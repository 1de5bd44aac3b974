import subprocess
import sys
from contextvars import Context
from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest
from fake_candidate import AS_OF, build_candidate

from saydo.errors import ConfigError, HomeBusy
from saydo.home_lock import hold_home
from saydo.release import (
    apply_retention,
    current_release_id,
    list_releases,
    publish,
    releases_table,
    rollback,
)

MUCH_LATER = datetime.now(UTC) + timedelta(days=365)


@pytest.fixture
def three(candidate, change):
    """Three releases, the last current; policy keeps one, or any of the last 30 days."""
    candidate.policy_file.write_text("retention: {keep_releases: 1, keep_release_days: 30}\n")
    ids = []
    for customer in ("1", "2", "3"):
        change(f"delete from marts.customer_months where customer_id like '%{customer}'")
        ids.append(publish(candidate, AS_OF)["release_id"])
    return ids


def test_releases_are_listed_newest_first_with_what_they_hold(candidate, three):
    listed = list_releases(candidate)
    assert [row["release_id"] for row in listed] == three[::-1]
    assert [row["is_current"] for row in listed] == [True, False, False]
    assert listed[0]["size_bytes"] > 10_000 and listed[0]["warning_count"] == 1
    assert listed[0]["row_counts"]["customer_months"] < listed[2]["row_counts"]["customer_months"]


def test_rollback_goes_to_the_one_before_and_again_to_the_one_before_that(candidate, three):
    assert rollback(candidate)["release_id"] == three[1]
    assert current_release_id(candidate) == three[1]
    outcome = rollback(candidate)
    assert outcome == {
        "release_id": three[0],
        "previous_release_id": three[1],
        "as_of_date": "2025-03-31",
    }
    with pytest.raises(ConfigError, match="no earlier release"):
        rollback(candidate)


def test_rollback_to_a_named_release_goes_forward_too(candidate, three):
    rollback(candidate, three[0])
    rollback(candidate, three[2])
    assert current_release_id(candidate) == three[2]


@pytest.mark.parametrize("name", ["r20200101000000-00000000", "../../etc", ""])
def test_rollback_to_what_is_not_kept_is_refused_and_names_what_is(candidate, three, name):
    if name:
        with pytest.raises(ConfigError, match=f"no release.*{three[2]}"):
            rollback(candidate, name)
    assert current_release_id(candidate) == three[2]


def test_rollback_skips_a_release_that_never_was_current(candidate, three):
    build_candidate(candidate, as_of=date(2025, 2, 28))
    backfilled = publish(candidate, date(2025, 2, 28))["release_id"]
    build_candidate(candidate, customers=7)
    publish(candidate, AS_OF)
    assert rollback(candidate)["release_id"] == three[2] != backfilled


def test_rollback_waits_for_no_publisher(candidate, three):
    with hold_home(candidate, "a publish"), pytest.raises(HomeBusy):
        Context().run(rollback, candidate)


def test_what_count_or_age_keeps_stays(candidate, three):
    assert apply_retention(candidate) == {"removed": [], "kept_open": []}
    assert len(list_releases(candidate)) == 3


def test_what_neither_keeps_goes_and_stays_in_the_history(candidate, three):
    assert apply_retention(candidate, MUCH_LATER)["removed"] == three[:2]
    assert [row["release_id"] for row in list_releases(candidate)] == [three[2]]
    history = releases_table(candidate).to_pylist()
    assert [row["release_id"] for row in history] == three
    assert [row["is_current"] for row in history] == [False, False, True]
    assert history[0]["as_of_date"] == AS_OF and history[0]["evaluated_count"] == 12


def test_the_current_release_stays_however_old(candidate, three):
    rollback(candidate, three[0])
    assert apply_retention(candidate, MUCH_LATER)["removed"] == [three[1]]
    assert current_release_id(candidate) == three[0]


def test_a_release_that_a_process_has_open_stays(candidate, three):
    file = candidate.published / "releases" / three[0] / "marts.duckdb"
    read = (
        "import duckdb, sys; opened = duckdb.connect(sys.argv[1], read_only=True); "
        "print('open', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", read, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as reader:
        reader.stdout.readline()
        outcome = apply_retention(candidate, MUCH_LATER)
        reader.communicate(b"\n")
    assert outcome == {"removed": [three[1]], "kept_open": [three[0]]}
    assert apply_retention(candidate, MUCH_LATER)["removed"] == [three[0]]


def test_before_the_first_publish_there_is_no_release_and_no_history(settings):
    assert list_releases(settings) == [] and current_release_id(settings) is None
    table = releases_table(settings)
    assert table.num_rows == 0 and table.schema.field("published_at").type == "timestamp[us]"


def test_releases_read_each_other_s_history_in_duckdb(candidate, three):
    with duckdb.connect() as connection:
        connection.register("history", releases_table(candidate))
        found = connection.execute("select count(*), max(published_at) from history").fetchone()
    assert found[0] == 3 and found[1] < datetime.now() + timedelta(days=1)
