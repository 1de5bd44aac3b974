"""The log of identity changes is published with the release that first tells each of them."""

from __future__ import annotations

import duckdb
from fake_candidate import AS_OF, audit, build_candidate

from saydo.release import publish, read_manifest


def log(settings) -> dict[str, set[str]]:
    """change_type to the releases that told it."""
    rows = duckdb.sql(
        "select change_type, release_id from "
        f"'{settings.published / 'current' / 'identity_changes.parquet'}'"
    ).fetchall()
    return {kind: {told for name, told in rows if name == kind} for kind, _ in rows}


def test_a_change_carries_the_release_that_first_told_it(candidate):
    release_id = publish(candidate, AS_OF)["release_id"]
    assert log(candidate) == {"created": {release_id}, "merged": {"r0"}}


def test_the_log_is_history_and_no_content_of_a_release(candidate):
    """Days built one by one tell another story than all at once, and are the same release."""
    first = publish(candidate, AS_OF)
    assert read_manifest(candidate)["tables"]["identity_changes"]["content_hash"] is None
    build_candidate(candidate)
    with duckdb.connect(str(candidate.warehouse)) as connection:
        connection.execute("update marts.identity_changes set reason = 'told otherwise'")
    audit(candidate)
    assert publish(candidate, AS_OF) == first | {"is_new": False}
