"""The gate's verdict is on what its expectations saw, and on nothing that was written since."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import duckdb
import pytest
from gate_candidate import FIRST, MONTHS, PROFILES, READINESS, change

from saydo.errors import ReleaseRefused
from saydo.gate import gate_marts, marts
from saydo.gate.engine import Engine
from saydo.release import publish, read_manifest

AS_OF = date(2025, 3, 9)


def test_the_summary_tells_the_content_that_a_release_of_it_has(candidate):
    summary = gate_marts(candidate)
    release = publish(candidate, AS_OF)
    assert summary["content_hash"] == release["content_hash"]
    assert set(summary["table_hashes"]) == {
        *release["row_counts"],
        "intermediate.int_identity_registered",
    }
    assert "table_hashes" not in read_manifest(candidate)["gate"]


def test_what_is_written_between_the_last_look_and_the_verdict_is_not_published(
    candidate, monkeypatch
):
    store = marts.store

    def late(*values, **named):
        change(candidate, f"update {MONTHS} set satisfaction_score = 9.9 where {FIRST}")
        return store(*values, **named)

    monkeypatch.setattr(marts, "store", late)
    assert gate_marts(candidate)["success"] is True
    with pytest.raises(ReleaseRefused, match="customer_months changed since"):
        publish(candidate, AS_OF)


WRITE = (
    "import duckdb, sys\nduckdb.connect(sys.argv[1]).execute('drop table marts.release_history')"
)


def test_nobody_writes_while_the_gate_looks(candidate, monkeypatch):
    """Not another process, and not this one, by its own file name or attached to another engine."""
    validate, looks = Engine.validate, []

    def watched(engine, suite, schema):
        outcome = validate(engine, suite, schema)
        file = str(candidate.warehouse)
        other = subprocess.run([sys.executable, "-c", WRITE, file], capture_output=True, text=True)
        assert "Could not set lock on file" in other.stderr
        with pytest.raises(duckdb.ConnectionException, match="different configuration"):
            duckdb.connect(file)
        with duckdb.connect() as connection, pytest.raises(duckdb.Error, match="already"):
            connection.execute(f"attach '{file}' as beside")
        looks.append(suite.table)
        return outcome

    monkeypatch.setattr(Engine, "validate", watched)
    tables = gate_marts(candidate)["table_hashes"]
    assert set(looks) == {table for table in tables if "." not in table}


def test_an_audit_that_does_not_come_to_its_end_leaves_none_behind(candidate, replace_suite):
    gate_marts(candidate)
    replace_suite("marts.customer_months", list)
    with pytest.raises(ReleaseRefused, match="The rules are wrong"):
        gate_marts(candidate)
    with pytest.raises(ReleaseRefused, match="has not been audited"):
        publish(candidate, AS_OF)


def test_what_cannot_be_published_is_already_refused_by_the_gate(candidate):
    change(candidate, f"alter table {PROFILES} add column total hugeint")
    with pytest.raises(ReleaseRefused, match="total HUGEINT; cast"):
        gate_marts(candidate)


def test_a_time_that_is_no_content_was_audited_too(candidate):
    change(candidate, f"alter table {READINESS} add column last_loaded_at timestamp")
    gate_marts(candidate)
    change(candidate, f"update {READINESS} set last_loaded_at = timestamp '2025-03-09'")
    with pytest.raises(ReleaseRefused, match="data_readiness changed since"):
        publish(candidate, AS_OF)
