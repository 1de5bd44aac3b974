"""An erased person leaves the log of identity changes too, with every id they ever had."""

from __future__ import annotations

import duckdb
from fake_home import account, customer

from saydo.maintain import erase
from saydo.release.store import release_ids, releases_dir

OLDEST, OLDER = "c_9000000000000000", "c_8000000000000000"
LOG = (
    f"('merged', '{OLDEST}', '{OLDER}', 'linked', 'r0', 1, timestamp '2025-01-01'), "
    f"('merged', '{OLDER}', '{customer(1)}', 'linked', 'r0', 1, timestamp '2025-02-01')"
)
REGISTRY = f"('{account(1)}', '{OLDEST}'), ('{account(1)}', '{OLDER}')"


def add_rows(file, values: str) -> None:
    """Append rows to a Parquet file."""
    beside = file.with_suffix(".more")
    duckdb.sql(f"from '{file}' union all values {values}").write_parquet(str(beside))
    beside.replace(file)


def named(home, release_id) -> set[str]:
    """Customers that a release's log names, in the database and in Parquet alike."""
    folder = releases_dir(home.settings) / release_id
    with duckdb.connect(str(folder / "marts.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select from_customer_id from identity_changes union "
            "select to_customer_id from identity_changes"
        ).fetchall()
    return {value for (value,) in rows if value}


def test_every_id_an_erased_person_had_leaves_the_log(home):
    """One id was merged into the next, and that into the one they have: the accounts are theirs."""
    for release_id in release_ids(home.settings):
        folder = releases_dir(home.settings) / release_id
        add_rows(folder / "registry.parquet", REGISTRY)
        with duckdb.connect(str(folder / "marts.duckdb")) as connection:
            connection.execute(f"insert into identity_changes values {LOG}")
    newest = release_ids(home.settings)[-1]
    before = named(home, newest)
    assert {OLDEST, OLDER, customer(1)} <= before
    home.ask("r1", "account_id", account(1))
    erase(home.settings)
    # c_9999… was merged into the erased customer by the release before.
    gone = {OLDEST, OLDER, customer(1), "c_9999999999999999"}
    for release_id in release_ids(home.settings):
        assert named(home, release_id) == before - gone
