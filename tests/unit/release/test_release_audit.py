"""What is published is what was audited: every column and row of it, whatever the file's time."""

import json
import os
import signal
import subprocess
import sys
from datetime import date

import duckdb
import pytest
from fake_candidate import AS_OF, audit, build_candidate

from saydo.errors import ReleaseRefused
from saydo.release import current_release_id, publish

CHANGES = {
    "customer_months": "delete from marts.customer_months where customer_id like '%7'",
    "customer_profiles": "alter table marts.customer_profiles rename revenue_90d to revenue",
    "data_readiness": "update marts.data_readiness set last_loaded_at = timestamp '2025-04-02'",
    "identity_changes": "update marts.identity_changes set reason = 'Jane Doe asked'",
    "intermediate.int_identity_registered": "delete from intermediate.int_identity_registered",
    "release_history": "insert into marts.release_history (release_id) values ('r1')",
    "churn_scores": "create table marts.churn_scores as select 1 as one",
    "customer_identifiers": "drop table marts.customer_identifiers",
}


def write(settings, sql):
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(sql)


@pytest.mark.parametrize(("table", "sql"), CHANGES.items(), ids=CHANGES)
def test_a_candidate_that_changed_since_its_audit_is_refused(candidate, table, sql):
    write(candidate, sql)
    with pytest.raises(ReleaseRefused, match=f"audited: {table} changed since.*run `gate_marts`"):
        publish(candidate, AS_OF)
    assert current_release_id(candidate) is None
    audit(candidate)
    assert publish(candidate, AS_OF)["is_new"]


@pytest.mark.parametrize("is_newer", [True, False])
def test_the_time_of_a_file_says_nothing_of_what_is_in_it(candidate, is_newer):
    summary = candidate.state / "gate" / "marts" / "summary.json"
    when = summary.stat().st_mtime_ns + (1 if is_newer else -1) * 10**10
    os.utime(candidate.warehouse, ns=(when, when))
    assert publish(candidate, AS_OF)["is_new"]
    write(candidate, CHANGES["customer_months"])
    os.utime(candidate.warehouse, ns=(when, when))
    with pytest.raises(ReleaseRefused, match="customer_months changed"):
        publish(candidate, AS_OF)


def rebuild(settings, **changes):
    """Build the candidate again without an audit."""
    summary = settings.state / "gate" / "marts" / "summary.json"
    audited = summary.read_bytes()
    build_candidate(settings, **changes)
    summary.write_bytes(audited)


def test_a_candidate_rebuilt_to_the_same_content_needs_no_other_audit(candidate):
    rebuild(candidate)
    assert publish(candidate, AS_OF)["is_new"]


def test_a_candidate_rebuilt_to_other_content_is_refused(candidate):
    rebuild(candidate, customers=41)
    with pytest.raises(ReleaseRefused, match="is not what was audited"):
        publish(candidate, AS_OF)


def test_an_audit_of_another_days_candidate_is_none_of_this_one(candidate):
    rebuild(candidate, as_of=date(2025, 2, 28))
    with pytest.raises(ReleaseRefused, match="customer_profiles, metrics_daily changed since"):
        publish(candidate, date(2025, 2, 28))


KILLED = """
import duckdb, os, signal, sys
connection = duckdb.connect(sys.argv[1], config={"checkpoint_threshold": "1GB"})
connection.execute("delete from marts.customer_months")
os.kill(os.getpid(), signal.SIGKILL)
"""


def commit_to_the_log_only(settings):
    """A write whose process dies before it reaches the file."""
    before = settings.warehouse.stat()
    killed = subprocess.run([sys.executable, "-c", KILLED, str(settings.warehouse)])
    assert killed.returncode == -signal.SIGKILL
    after = settings.warehouse.stat()
    assert (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size)
    assert settings.warehouse.with_name("warehouse.duckdb.wal").stat().st_size > 0


def test_a_committed_write_that_lies_in_the_log_only_is_seen(candidate):
    commit_to_the_log_only(candidate)
    with pytest.raises(ReleaseRefused, match="customer_months changed since"):
        publish(candidate, AS_OF)


def test_an_audit_that_saw_the_log_lets_it_out(candidate):
    commit_to_the_log_only(candidate)
    audit(candidate)
    assert publish(candidate, AS_OF)["row_counts"]["customer_months"] == 0


def test_a_summary_of_the_version_before_says_to_run_the_gate_again(candidate):
    file = candidate.state / "gate" / "marts" / "summary.json"
    summary = json.loads(file.read_text())
    del summary["table_hashes"]
    file.write_text(json.dumps(summary | {"candidate_mtime_ns": 1}))
    with pytest.raises(ReleaseRefused, match=r"an earlier version of Saydo.*run `gate_marts`"):
        publish(candidate, AS_OF)


def test_what_was_published_before_is_audited_all_the_same(candidate):
    first = publish(candidate, AS_OF)
    rebuild(candidate, customers=41)
    with pytest.raises(ReleaseRefused):
        publish(candidate, AS_OF)
    rebuild(candidate)
    assert publish(candidate, AS_OF) == first | {"is_new": False}
