import json
import re
from contextvars import Context
from datetime import date

import duckdb
import pyarrow.parquet as pq
import pytest
from fake_candidate import AS_OF, audit, build_candidate

from saydo.errors import HomeBusy, ReleaseRefused, SaydoError
from saydo.home_lock import hold_home
from saydo.release import (
    current_release_id,
    previous_registry,
    publish,
    publishing,
    read_manifest,
    store,
)

MARTS = {
    "customer_profiles": 40,
    "customer_months": 80,
    "customer_identifiers": 40,
    "identity_changes": 41,
    "data_readiness": 1,
    "release_history": 1,
    "metrics_daily": 14,
}


def current(settings):
    return settings.published / "current"


def test_a_release_holds_every_mart_twice_its_contract_registry_audit_and_manifest(candidate):
    outcome = publish(candidate, AS_OF)

    folder = current(candidate).resolve()
    assert {path.name for path in folder.iterdir()} == {
        "marts.duckdb",
        "registry.parquet",
        "contracts",
        "gate",
        "manifest.json",
        *(f"{name}.parquet" for name in MARTS),
    }
    assert re.fullmatch(r"r\d{14}-[0-9a-f]{8}", outcome["release_id"])
    assert outcome["row_counts"] == MARTS and outcome["is_current"] and outcome["is_new"]
    with duckdb.connect(str(folder / "marts.duckdb"), read_only=True) as connection:
        for name, rows in MARTS.items():
            assert connection.execute(f"select count(*) from {name}").fetchone() == (rows,)
            assert pq.read_metadata(folder / f"{name}.parquet").num_rows == rows
    assert not current(candidate).readlink().is_absolute()
    assert previous_registry(candidate) == folder / "registry.parquet"


def test_clients_of_duckdb_1_2_can_open_the_file(candidate):
    publish(candidate, AS_OF)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{current(candidate) / 'marts.duckdb'}' as r (read_only)")
        tags = connection.execute("select tags from duckdb_databases() where database_name = 'r'")
        assert "v1.2" in str(tags.fetchone())


def test_a_bi_connection_that_may_not_read_files_reads_the_release(candidate):
    publish(candidate, AS_OF)
    locked = {"enable_external_access": "false", "lock_configuration": "true"}
    file = str(current(candidate) / "marts.duckdb")
    with duckdb.connect(file, read_only=True, config=locked) as connection:
        assert connection.execute("select count(*) from customer_profiles").fetchone() == (40,)
        with pytest.raises(duckdb.PermissionException):
            connection.execute("select * from read_text('/etc/hostname')")


def test_descriptions_reach_the_released_columns(candidate):
    publish(candidate, AS_OF)
    with duckdb.connect(str(current(candidate) / "marts.duckdb"), read_only=True) as connection:
        assert connection.execute(
            "select comment from duckdb_columns() where column_name = 'customer_id' "
            "and table_name = 'customer_profiles'"
        ).fetchone() == ("The resolved customer.",)
    table = read_manifest(candidate)["tables"]["customer_profiles"]
    assert table["comment"] == "One row per customer's profile."


def test_a_manifest_names_its_inputs_and_neither_a_path_nor_a_secret(candidate, monkeypatch):
    candidate.state.mkdir(exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select * from (values ('b-2', 'accepted'), ('b-1', 'accepted'), "
            "('b-3', 'refused')) t(batch_id, status)) to ? (format parquet)",
            [str(candidate.state / "batches.parquet")],
        )
    publish(candidate, AS_OF)
    manifest = read_manifest(candidate)
    assert manifest["batch_ids"] == ["b-1", "b-2"]
    assert manifest["gate"]["evaluated_count"] == 12 and len(manifest["gate"]["warnings"]) == 1
    assert set(manifest["configuration"]) == {"feeds.yml", "policy.yml"}
    assert str(candidate.home) not in json.dumps(manifest)


def test_publishing_the_same_content_again_changes_nothing(candidate):
    first = publish(candidate, AS_OF)
    build_candidate(candidate)
    second = publish(candidate, AS_OF)
    assert second == first | {"is_new": False}
    assert store.release_ids(candidate) == [first["release_id"]]


def test_new_content_is_a_later_release_that_knows_the_earlier_one(candidate, change):
    first = publish(candidate, AS_OF)
    change("delete from marts.customer_months where month_start_date = date '2025-02-01'")
    second = publish(candidate, AS_OF)
    assert (
        second["release_id"] > first["release_id"] and second["row_counts"]["release_history"] == 2
    )
    with duckdb.connect(str(current(candidate) / "marts.duckdb"), read_only=True) as connection:
        assert connection.execute(
            "select release_id, is_current from release_history order by 1"
        ).fetchall() == [(first["release_id"], False), (second["release_id"], True)]


def test_an_older_as_of_date_makes_a_release_but_does_not_make_it_current(candidate):
    served = publish(candidate, AS_OF)
    build_candidate(candidate, as_of=date(2025, 2, 28))
    older = publish(candidate, date(2025, 2, 28))
    assert not older["is_current"] and older["is_new"]
    assert current_release_id(candidate) == served["release_id"]
    assert publish(candidate, date(2025, 2, 28)) == older | {"is_new": False}
    assert len(store.release_ids(candidate)) == 2


def test_a_candidate_of_another_day_is_refused(candidate):
    with pytest.raises(ReleaseRefused, match=r"customer_profiles was built as of 2025-03-31"):
        publish(candidate, date(2025, 4, 1))


@pytest.mark.parametrize(
    ("summary", "message"),
    [
        ({"success": False}, "refused this candidate"),
        ({"evaluated_count": 0}, "nothing was checked"),
    ],
)
def test_a_candidate_without_a_valid_audit_is_refused(candidate, summary, message):
    audit(candidate, **summary)
    with pytest.raises(ReleaseRefused, match=message):
        publish(candidate, AS_OF)
    assert current_release_id(candidate) is None


def test_a_candidate_that_was_never_audited_is_refused(candidate):
    (candidate.state / "gate" / "marts" / "summary.json").unlink()
    with pytest.raises(ReleaseRefused, match="not been audited"):
        publish(candidate, AS_OF)


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("create table marts.t as select sum(1) as total", "total HUGEINT; cast"),
        ("create table marts.t as select [1] as parts", r"parts INTEGER\[\]"),
        ("create table marts.t as select now() as seen_at", "seen_at TIMESTAMP WITH TIME ZONE"),
        ('create table marts."../t" as select 1 as one', "may not be published"),
    ],
)
def test_what_parquet_or_older_clients_would_change_is_refused(candidate, sql, message):
    with duckdb.connect(str(candidate.warehouse)) as connection:
        connection.execute(sql)
    with pytest.raises(ReleaseRefused, match=message):
        publish(candidate, AS_OF)
    assert store.release_ids(candidate) == []


def test_an_empty_candidate_is_refused(candidate, change):
    change("drop schema marts cascade")
    with pytest.raises(ReleaseRefused, match="no table in schema marts"):
        publish(candidate, AS_OF)


def test_of_two_publishers_one_wins_and_the_other_says_who(candidate, change):
    first = publish(candidate, AS_OF)["release_id"]
    change("delete from marts.customer_months")
    busy = pytest.raises(HomeBusy, match=r"another publish \(process \d+ .* UTC\).*--wait")
    with hold_home(candidate, "another publish"), busy:
        Context().run(publish, candidate, AS_OF)  # elsewhere, as another process would
    assert current_release_id(candidate) == first
    assert publish(candidate, AS_OF)["is_new"]


def test_a_reader_with_the_old_file_open_does_not_block_and_keeps_its_data(candidate, change):
    publish(candidate, AS_OF)
    file = str(current(candidate) / "marts.duckdb")
    with duckdb.connect(file, read_only=True) as reader:
        change("delete from marts.customer_months")
        publish(candidate, AS_OF)
        assert reader.execute("select count(*) from customer_months").fetchone() == (80,)
    with duckdb.connect(file, read_only=True) as reader:
        assert reader.execute("select count(*) from customer_months").fetchone() == (0,)


@pytest.mark.parametrize(
    "error",
    [OSError(28, "No space left on device"), duckdb.IOException("write: No space left on device")],
)
def test_a_full_disk_is_explained_and_leaves_nothing_half_published(
    candidate, change, monkeypatch, error
):
    first = publish(candidate, AS_OF)
    change("delete from marts.customer_months")

    def fail(*_):
        raise error

    monkeypatch.setattr(publishing, "write_parquet", fail)
    with pytest.raises(SaydoError, match=r"disk is full.*keeps serving"):
        publish(candidate, AS_OF)
    assert current_release_id(candidate) == first["release_id"]
    assert sorted(p.name for p in store.releases_dir(candidate).iterdir()) == [first["release_id"]]


def test_too_little_memory_is_explained(candidate, monkeypatch):
    def fail(*_):
        raise duckdb.OutOfMemoryException("Out of Memory Error")

    monkeypatch.setattr(publishing, "survey", fail)
    with pytest.raises(SaydoError, match="SAYDO_MEMORY_LIMIT"):
        publish(candidate, AS_OF)
