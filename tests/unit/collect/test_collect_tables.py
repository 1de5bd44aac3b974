"""Tables are delivered whole or by a cursor: every row once, and nothing odd unsaid."""

from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from saydo.collect import check_pipeline
from saydo.errors import ConfigError, DeliveryRefused, SaydoError

ACCOUNTS = """
create table accounts (id int primary key, name text, updated_at timestamptz);
insert into accounts values
  (1, 'a', '2025-01-01 10:00Z'), (2, 'b', '2025-01-02 10:00Z'), (3, 'c', '2025-01-02 10:00Z')
"""


def crm_pipeline(**cursor) -> dict:
    table = {"name": "accounts", "schema": "public"}
    if cursor:
        table["cursor"] = {"column": "updated_at"} | cursor
    return {"name": "crm", "connection": "crm_db", "tables": [table]}


def ids(home) -> list[int]:
    return [row["id"] for row in home.rows()]


def test_a_table_without_a_cursor_is_delivered_whole_each_time(home, crm):
    crm(ACCOUNTS)
    home.configure(crm_pipeline())
    assert home.collect("crm")["row_count"] == 3
    crm("delete from accounts where id = 1")
    done = home.collect("crm")
    assert done["file_count"] == 1 and done["row_count"] == 2
    first, second = home.files()
    assert first < second and first.startswith("crm/accounts-2")
    assert ids(home) == [1, 2, 3, 2, 3]


def test_by_a_cursor_new_changed_and_tied_rows_come_once(home, crm):
    crm(ACCOUNTS)
    home.configure(crm_pipeline(column="updated_at"))
    home.collect("crm")
    assert home.collect("crm")["file_count"] == 0
    crm(
        "insert into accounts values (4, 'tied', '2025-01-02 10:00Z')",
        "update accounts set name = 'in the same tick' where id = 3",
        "update accounts set name = 'later', updated_at = '2025-01-03' where id = 1",
    )
    assert home.collect("crm")["row_count"] == 3
    assert home.collect("crm")["row_count"] == 0
    assert sorted(ids(home)) == [1, 1, 2, 3, 3, 4]
    assert home.notices() == []


def test_a_row_committed_late_is_found_within_the_lag_and_only_there(home, crm):
    crm(ACCOUNTS)
    home.configure(crm_pipeline(lag="2d"))
    home.collect("crm")
    crm(
        "insert into accounts values (5, 'late', '2025-01-01 09:00Z')",
        "insert into accounts values (6, 'too late', '2024-12-31 09:59Z')",
    )
    assert home.collect("crm")["row_count"] == 1
    assert home.collect("crm")["row_count"] == 0
    assert sorted(ids(home)) == [1, 2, 3, 5]


def test_rows_without_a_cursor_are_counted_and_delivered_once_or_refused(home, crm):
    crm(ACCOUNTS, "insert into accounts values (7, 'n', null), (8, 'n', null)")
    home.configure(crm_pipeline(nulls="refuse"))
    with pytest.raises(DeliveryRefused, match=r"crm\.accounts: 2 rows have no updated_at"):
        home.collect("crm")
    assert home.files() == []
    home.configure(crm_pipeline(nulls="deliver"))
    assert home.collect("crm")["row_count"] == 5
    assert "crm.accounts: 2 rows have no updated_at" in home.notices()[0]
    crm("update accounts set name = 'changed' where id = 7")
    assert home.collect("crm")["row_count"] == 1


def test_a_time_still_to_come_does_not_move_the_cursor(home, crm):
    crm(ACCOUNTS, "insert into accounts values (9, 'f', '2999-01-01')")
    home.configure(crm_pipeline(lag=0))
    assert home.collect("crm")["row_count"] == 4
    assert "1 rows have a updated_at that is still to come" in home.notices()[0]
    crm("insert into accounts values (10, 'now', '2025-02-01')")
    assert home.collect("crm")["row_count"] == 1


def test_a_clock_that_was_put_back_names_no_file_before_the_others(home, crm, monkeypatch):
    from datetime import datetime

    crm(ACCOUNTS)
    home.configure(crm_pipeline())
    home.collect("crm")

    class Earlier(datetime):
        @classmethod
        def now(cls, zone=None):
            return datetime(2001, 1, 1, tzinfo=zone)

    monkeypatch.setattr("saydo.collect.delivering.datetime", Earlier)
    name = home.collect("crm")["files"][0]
    assert name == home.files()[-1] and len(home.files()) == 2


def test_a_changed_schema_is_told_and_a_cursor_that_is_gone_is_named(home, crm):
    crm(ACCOUNTS)
    home.configure(crm_pipeline(lag=0))
    home.collect("crm")
    crm(
        "alter table accounts add tier text, drop name",
        "alter table accounts drop constraint accounts_pkey, alter id type text",
        "insert into accounts values ('11', '2025-03-01', 'gold')",
    )
    home.collect("crm")
    told = "\n".join(home.notices())
    for said in ("gone: name", "new: tier", "another type: id (int64, now string)"):
        assert said in told
    crm("alter table accounts rename updated_at to changed")
    with pytest.raises(ConfigError, match=r"crm\.accounts: .*updated_at"):
        home.collect("crm")


def test_types_that_parquet_has_not_come_as_the_database_writes_them(home, crm):
    crm(
        "create type mood as enum ('ok', 'bad')",
        "create table accounts (id int, n numeric, m numeric(12, 2), j jsonb, a text[], e mood, "
        "i interval, f real, b boolean, d date)",
        "insert into accounts values (1, 12345678901234567890.123456789012, 1.50, '{\"k\": [1]}', "
        "'{x,y}', 'ok', '26 hours', 1.5, true, '2025-01-01')",
        "insert into accounts (id) values (2)",
    )
    home.configure(crm_pipeline())
    home.collect("crm")
    first, second = home.rows()
    assert first["n"] == "12345678901234567890.123456789012" and first["m"] == Decimal("1.50")
    assert (first["j"], first["a"], first["e"]) == ('{"k": [1]}', "{x,y}", "ok")
    assert (first["i"], first["f"], first["b"]) == ("26:00:00", 1.5, True)
    assert {value for name, value in second.items() if name != "id"} == {None}


def test_a_number_that_is_delivered_as_text_cannot_be_a_cursor(home, crm):
    crm("create table accounts (id int, updated_at numeric)")
    home.configure(crm_pipeline(lag=0))
    with pytest.raises(ConfigError, match="updated_at is of type NUMERIC, which cannot be a curs"):
        home.collect("crm")


def test_what_is_wrong_is_told_by_name_without_the_secret(home, crm, server):
    crm(ACCOUNTS)
    home.configure(crm_pipeline())
    good = home.connections["crm_db"]
    wrong = {
        "password": (ConfigError, good.__class__(**vars(good) | {"password": "not-the-one"})),
        "port": (SaydoError, good.__class__(**vars(good) | {"port": 1})),
    }
    for kind, access in wrong.values():
        home.connections["crm_db"] = access
        with pytest.raises(kind, match=r"crm\.accounts") as told:
            home.collect("crm")
        assert "not-the-one" not in str(told.value) and good.password not in str(told.value)
    home.connections["crm_db"] = good
    server.admin("revoke pg_read_all_data from collector")
    with pytest.raises(ConfigError, match=r"permission denied for table accounts"):
        home.collect("crm")
    assert home.files() == []


def test_a_check_changes_nothing_and_says_what_is_missing(home, crm):
    crm(ACCOUNTS)
    pipeline = crm_pipeline(lag=0)
    pipeline["tables"] += [{"name": "orders"}]
    home.configure(pipeline)
    good, missing = check_pipeline(home.settings, "crm", home.find)
    assert good.is_good and good.said == "3 columns, rows"
    assert not missing.is_good and "no such table" in missing.said
    assert not home.settings.home.exists()


def test_one_table_that_fails_costs_no_other_and_may_be_gone_without(home, crm):
    crm(ACCOUNTS)
    pipeline = crm_pipeline()
    pipeline["tables"].insert(0, {"name": "orders"})
    home.configure(pipeline)
    with pytest.raises(ConfigError, match=r"crm\.orders"):
        home.collect("crm")
    assert len(home.files()) == 1
    home.configure(pipeline | {"on_failure": "go_on_without"})
    assert home.collect("crm")["file_count"] == 1
    assert any("crm: not collected: crm.orders" in text for text in home.notices())


def test_a_process_killed_at_any_step_loses_no_row_and_delivers_none_twice(home, crm):
    crm(ACCOUNTS, "insert into accounts values (100, 'null', null)")
    home.configure(crm_pipeline(lag="1h"))
    script = Path(__file__).with_name("killed_collect.py")
    access = home.connections["crm_db"]
    password = {"KILLED_PASSWORD": access.password, "KILLED_PORT": str(access.port)}
    done = subprocess.run(
        [sys.executable, script, home.settings.home, home.settings.collect_file, "crm"],
        env=os.environ | password, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 5
    rows = [(row["id"], row["updated_at"]) for row in home.rows()]
    assert len(rows) == len(set(rows)) == 5 + int(done.stdout)
    assert not [name for name in home.files() if ".tmp-" in name]
