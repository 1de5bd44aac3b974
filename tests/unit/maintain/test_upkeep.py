from datetime import UTC, datetime

import duckdb
from fake_candidate import build_candidate
from fake_home import account
from typer.testing import CliRunner

from saydo.cli import app
from saydo.landing.ledger import read_entry, read_ledger
from saydo.maintain import apply_retention, compact
from saydo.maintain.retention import EXPIRED
from saydo.release.store import release_ids

LATER = datetime(2035, 1, 1, tzinfo=UTC)


def retain(home, **policy):
    lines = "".join(f"  {name}: {value}\n" for name, value in policy.items())
    home.settings.policy_file.write_text(f"retention:\n{lines}")
    return apply_retention(home.settings, LATER)


def test_raw_is_kept_for_good_unless_a_policy_says_otherwise(home):
    outcome = retain(home, keep_quarantine_days=100000)
    assert outcome["raw_batch_ids"] == [] and outcome["quarantine_file_count"] == 0
    assert len(home.left("accounts", "account_key")) == 3


def test_releases_and_rejected_rows_past_their_age_go(home):
    batch = next(b.batch_id for b in read_ledger(home.settings) if b.source == "transactions")
    file = home.settings.quarantine / "transactions" / f"{batch}.parquet"
    file.write_bytes(b"")
    old, current = release_ids(home.settings)
    outcome = retain(home, keep_releases=1, keep_release_days=1, keep_quarantine_days=1)
    assert outcome["removed"] == [old] and release_ids(home.settings) == [current]
    assert outcome["quarantine_file_count"] == 1 and not file.exists()


def test_expired_raw_goes_with_its_names_and_its_file_is_not_landed_again(home):
    home.ask("r1", "account_id", account(1))
    names = home.settings.restricted / "accounts"
    batch = max(b.batch_id for b in read_ledger(home.settings) if b.source == "accounts")
    (names / "accounts-1.parquet").rename(names / f"{batch}.parquet")

    expired = retain(home, keep_raw_days=30)["raw_batch_ids"]

    assert batch in expired and not list(names.iterdir())
    assert not (home.settings.raw / "accounts" / f"batch={batch}").exists()
    entry = read_entry(home.settings, batch)
    assert (entry.status, entry.loaded_count, entry.filtered_count) == ("duplicate", 0, 3)
    assert entry.reason_counts == {EXPIRED: 3}
    home.assert_reconciled()
    assert home.left("erasure_requests", "request_id") == ["r1"]
    assert retain(home, keep_raw_days=30)["raw_batch_ids"] == []


def test_of_snapshots_the_newest_stays_and_where_silence_ends_accounts_all_do(home):
    crm = [home.land("accounts", [], feed="crm", delivery="snapshot") for _ in range(2)]
    days = {"books1": "2025-01-02", "books2": "2025-01-03", "books3": "2025-01-01"}
    books = [
        home.land(
            "transactions", [], "2025-01", feed="books", delivery="snapshot", snapshot_date=day
        )
        for day in days.values()
    ]
    expired = retain(home, keep_raw_days=30)["raw_batch_ids"]
    assert not {*crm, books[1]} & {*expired}
    assert {books[0], books[2]} <= {*expired}


def test_compaction_gives_back_free_blocks_and_keeps_every_table_and_view(settings):
    build_candidate(settings)
    with duckdb.connect(str(settings.warehouse)) as connection:
        # How many blocks a table takes depends on how threads shared its rows: most must be free.
        for name, rows in (("passing", 400_000), ("staying", 100_000)):
            connection.execute(
                f"create table marts.{name} as select md5(i::varchar) as x from range({rows}) t(i)"
            )
            connection.execute("checkpoint")
        connection.execute("create view intermediate.seen as select * from marts.customer_profiles")
        connection.execute("drop table marts.passing")
    outcome = compact(settings)
    assert outcome["warehouse_bytes_after"] < 0.8 * outcome["warehouse_bytes_before"]
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        assert connection.execute("select count(*) from intermediate.seen").fetchone() == (40,)
        assert connection.execute("select count(*) from marts.customer_months").fetchone() == (80,)
    again = compact(settings)
    assert again["warehouse_bytes_before"] == again["warehouse_bytes_after"]


def test_compaction_keeps_the_tables_of_spark_as_long_as_the_candidate_is_made_of_them(settings):
    build_candidate(settings)
    table = settings.spark_tables / "intermediate" / "int_people"
    table.mkdir(parents=True)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(f"copy (select 1 as i) to '{table}/part.parquet' (format parquet)")
        connection.execute(
            "create view intermediate.int_people as "
            f"select * from read_parquet('{table}/*.parquet')"
        )
    compact(settings)
    assert table.exists()
    with duckdb.connect(str(settings.warehouse)) as connection:  # as DuckDB builds it
        connection.execute("drop view intermediate.int_people")
    assert compact(settings)["leftover_count"] == 1
    assert not settings.spark_tables.exists()


def test_compaction_gives_back_what_builds_deleted_row_by_row(settings):
    build_candidate(settings)
    with duckdb.connect(str(settings.warehouse), config={"max_vacuum_tasks": 0}) as connection:
        connection.execute(
            'create table marts."who\'s" as '
            "select i, md5(i::varchar) as x from range(1_000_000) as numbers (i)"
        )
        connection.execute("checkpoint")
        connection.execute('delete from marts."who\'s" where i % 4 > 0')
    outcome = compact(settings)
    assert outcome["warehouse_bytes_after"] < 0.6 * outcome["warehouse_bytes_before"]
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        kept = connection.execute('select count(*), max(i) from marts."who\'s"').fetchone()
    assert kept == (250_000, 999_996)
    again = compact(settings)
    assert again["warehouse_bytes_before"] == again["warehouse_bytes_after"]


def test_compaction_removes_what_a_killed_run_left_and_nothing_else(home):
    folder = next((home.settings.raw / "accounts").glob("batch=*/month=*"))
    for leftover in (
        folder / ".tmp-data.parquet-0a",
        home.settings.home / ".tmp-warehouse.duckdb-0a",
        home.settings.home / ".tmp-restore-0a" / "landing.csv",
        home.settings.published / "releases" / ".tmp-r1",
        home.settings.raw / "_batches" / ".tmp-accounts-1.json-0a",
        home.settings.state / ".tmp-batches.parquet-0a",
        home.settings.state / "gate" / ".tmp-marts-0a" / "summary.json",
        home.settings.restricted / ".tmp-linkage" / "duckdb_temp_storage-0.tmp",
        home.settings.home / "tmp" / "17-killed" / "duckdb_temp_storage-0.tmp",
        home.settings.home / "tmp" / "landing" / "duckdb_temp_storage-0.tmp",
    ):
        leftover.parent.mkdir(exist_ok=True, parents=True)
        leftover.write_text("")
    before = len(home.left("accounts", "account_key"))
    assert compact(home.settings)["leftover_count"] == 10
    assert compact(home.settings)["leftover_count"] == 0
    assert (
        len(home.left("accounts", "account_key")) == before and len(release_ids(home.settings)) == 2
    )


def test_a_home_without_a_warehouse_is_compacted_too(settings):
    assert compact(settings)["warehouse_bytes_after"] == 0


def test_the_command_does_all_three_and_shows_ambiguous_requests_by_id_only(home, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    shared = home.key("email", "home@example.org")
    home.ask("r1", "account_id", account(1))
    home.ask("r2", "email", shared)
    words = ["maintain", "--home", str(home.settings.home)]
    words += ["--feeds", str(home.settings.feeds_file)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    counts = {
        tuple(line.split()[:-1]): line.split()[-1] for line in done.stdout.splitlines() if line
    }
    assert counts["forget", "requests"] == "2"
    assert counts["forget", "rows", "of", "raw"] == "6"
    assert counts["forget", "releases", "changed"] == "2"
    assert "r2" in done.stderr and "r1" not in done.stderr
    assert shared not in done.output and account(1) not in done.output
    assert account(1) not in home.left("accounts", "account_key")
