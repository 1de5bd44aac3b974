"""Types, time zones and pseudonyms of landed values."""

from __future__ import annotations

import hashlib
import hmac
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from landing_home import Home, payment

from saydo.errors import ConfigError
from saydo.landing import hash_identifier, prepare_raw, pseudonym_key
from saydo.landing.pseudonyms import hmac_sql, hold_key
from saydo.landing.typing_sql import to_utc_sql

ACCOUNTS: dict[str, Any] = {
    "name": "crm",
    "source": "accounts",
    "path": "crm*",
    "format": "csv",
    "columns": {
        "account_id": "id",
        "opened_at": "'2020-01-01'",
        "has_marketing_consent": "consent",
        "birth_year": "born",
        "given_name": "given",
        "family_name": "family",
        "birth_date": "birthday",
        "city": "city",
    },
    "expect": {"max_reject_ratio": 1},
}


def landed_instants(home: Home, zone: str, *times: str) -> list[str]:
    home.feed(timezone=zone)
    home.deliver_lines(*(payment(n, paid=time) for n, time in enumerate(times)))
    home.land()
    return [row for (row,) in home.rows("occurred_at::varchar")]


def test_naive_times_are_of_the_feeds_zone_and_offsets_are_respected(home: Home) -> None:
    times = (
        "2024-01-15 12:00:00",
        "2024-05-15 12:00:00",
        "2024-05-15",
        "2024-05-15T12:00:00Z",
        "2024-05-15 12:00:00+05:30",
        "2024-05-15T12:00:00.25-02",
        "2024-05-15 12:00:00 UTC",
    )
    assert landed_instants(home, "Europe/London", *times) == [
        "2024-01-15 12:00:00",
        "2024-05-15 11:00:00",
        "2024-05-14 23:00:00",
        "2024-05-15 12:00:00",
        "2024-05-15 06:30:00",
        "2024-05-15 14:00:00.25",
        "2024-05-15 12:00:00",
    ]


def test_offsets_are_respected_in_a_utc_feed_too(home: Home) -> None:
    times = ("2024-05-15T12:00:00+02:00", "2024-05-15T12:00:00+0200", "2024-05-15 12:00:00 +0200")
    assert landed_instants(home, "UTC", *times) == ["2024-05-15 10:00:00"] * 3


def test_a_repeated_or_skipped_hour_is_read_with_the_clock_before_the_change(home: Home) -> None:
    times = ("2024-03-31 01:30:00", "2023-10-29 01:30:00", "2023-10-29 02:00:00")
    assert landed_instants(home, "Europe/London", *times) == [
        "2024-03-31 01:30:00",
        "2023-10-29 00:30:00",
        "2023-10-29 02:00:00",
    ]


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(
        ["Europe/London", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Cairo"]
    ),
    local=st.datetimes(datetime(1995, 1, 1), datetime(2037, 12, 31)),
)
def test_zone_arithmetic_equals_python(zone: str, local: datetime) -> None:
    expected = local.replace(tzinfo=ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))
    sql = f"select {to_utc_sql('t', zone)} from (select ?::timestamp as t)"
    (found,) = duckdb.execute(sql, [local]).fetchone()
    assert found == expected.replace(tzinfo=None)


def test_parquet_instants_with_a_zone_become_utc(home: Home) -> None:
    home.feed(format="parquet", timezone="America/New_York")
    names = (
        "select 't1' as id, 'a@b.c' as mail, {} as paid, 'charge' as kind, 1.5 as amount, "
        "'EUR' as currency"
    )
    for name, value in (
        ("payments_1", "timestamptz '2024-01-01 12:00:00+00'"),
        ("payments_2", "timestamp '2024-01-01 12:00:00'"),
        ("payments_3", "date '2024-01-01'"),
    ):
        duckdb.execute(f"copy ({names.format(value)}) to '{home.folder}/landing/{name}.parquet'")
    home.land()
    assert home.rows("occurred_at::varchar") == [
        ("2024-01-01 12:00:00",),
        ("2024-01-01 17:00:00",),
        ("2024-01-01 05:00:00",),
    ]


def test_a_number_that_parquet_holds_as_float_is_a_whole_identifier(home: Home) -> None:
    home.feed(format="parquet", columns={"id_type": "'imsi'", "transaction_id": "n"})
    duckdb.execute(
        "copy (select 447700900123.0::double as n, 'x' as mail, date '2024-01-01' as paid, "
        "'charge' as kind, 1.005::double as amount, 'EUR' as currency) "
        f"to '{home.folder}/landing/payments.parquet'"
    )
    home.land()
    assert home.rows("transaction_id") == [("447700900123",)]


def test_truth_whole_numbers_and_names_are_read_as_such(home: Home) -> None:
    home.feed(ACCOUNTS)
    home.deliver(
        "id,consent,born,given,family,birthday,city\n"
        "a,yes,1980, Zoë ,Poe,1980-05-01,Leeds\n"
        "b,0,1980.0,,,,\n"
        "c,perhaps,1980,,,,\n"
        "d,,19.5,,,,\n"
        "e,,,,,1980-31-12,\n",
        "crm.csv",
    )
    home.land()
    assert home.rows("has_marketing_consent, birth_year", "accounts") == [
        (True, 1980),
        (False, 1980),
    ]
    assert home.quarantined("line_number, column_name") == [
        (4, "has_marketing_consent"),
        (5, "birth_year"),
        (6, "birth_date"),
    ]


def test_clear_names_reach_the_restricted_store_only(home: Home) -> None:
    home.feed(ACCOUNTS)
    home.deliver(
        "id,consent,born,given,family,birthday,city\na,,,  ZOË ,Poe,1980-05-01,Leeds\n", "crm.csv"
    )
    home.land()
    key = pseudonym_key(home.settings)
    digest = lambda value: hmac.new(key, value.encode(), hashlib.sha256).hexdigest()  # noqa: E731
    assert home.rows("account_key, given_name_key, birth_date_key", "accounts") == [
        (digest("a"), digest("zoë"), digest("1980-05-01"))
    ]
    (raw,) = (home.folder / "raw" / "accounts").glob("batch=crm*/*/data.parquet")
    assert not any(
        word in raw.read_bytes() for word in (b"Zo", b"ZO", b"Poe", b"1980-05", b"Leeds")
    )
    (clear,) = (home.folder / "restricted" / "accounts").glob("crm-*.parquet")
    assert stat.S_IMODE(clear.stat().st_mode) == 0o600
    assert stat.S_IMODE((home.folder / "restricted").stat().st_mode) == 0o700
    assert duckdb.execute(
        "select account_key, family_name, birth_date::varchar, city from read_parquet(?)",
        [str(clear)],
    ).fetchall() == [(digest("a"), "Poe", "1980-05-01", "Leeds")]


def test_clear_names_of_several_versions_are_told_apart_by_their_time(home: Home) -> None:
    home.feed(ACCOUNTS, columns={"updated_at": "changed"})
    home.deliver(
        "id,consent,born,given,family,birthday,city,changed\n"
        "a,,,Zoe,Poe,1980-05-01,Leeds,2024-01-01\na,,,Zoe,Roe,1980-05-01,Leeds,2024-02-01\n",
        "crm.csv",
    )
    home.land()
    (clear,) = (home.folder / "restricted" / "accounts").glob("crm-*.parquet")
    assert duckdb.execute(
        "select updated_at::date::varchar, family_name from read_parquet(?) order by 1",
        [str(clear)],
    ).fetchall() == [("2024-01-01", "Poe"), ("2024-02-01", "Roe")]


def test_landed_keys_equal_the_looked_up_ones(home: Home) -> None:
    home.config["identifier_types"] = {"order_id": {"is_personal": False}}
    home.feed(columns={"id_type": "kind", "transaction_type": "'charge'"})
    values = {
        ("email", " Ann@Example.COM "): "ann@example.com",
        ("msisdn", "+44 (0)7700 900-123"): "447700900123",
        ("msisdn", "0044 7700 900123"): "447700900123",
        ("imsi", "001 01"): "001 01",
        ("order_id", "o-1"): None,
    }
    home.deliver_lines(*(payment(n, kind=t, mail=v) for n, (t, v) in enumerate(values)))
    home.land()
    key = pseudonym_key(home.settings)
    found = [row for (row,) in home.rows("id_key")]
    for landed, ((id_type, value), clear) in zip(found, values.items(), strict=True):
        assert landed == hash_identifier(home.settings, id_type, value)
        if clear:
            assert landed == hmac.new(key, clear.encode(), hashlib.sha256).hexdigest()
        else:
            assert landed == value


@settings(max_examples=80, deadline=None)
@given(key=st.binary(min_size=1, max_size=150), value=st.text(max_size=80))
def test_the_hmac_in_sql_equals_python(key: bytes, value: str) -> None:
    value = value.replace("\0", "")
    with duckdb.connect() as connection:
        hold_key(connection, key)
        query = f"select {hmac_sql('$value')}"
        (found,) = connection.execute(query, {"value": value}).fetchone()
    assert found == hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


def test_without_a_key_nothing_is_hashed() -> None:
    with duckdb.connect() as connection, pytest.raises(duckdb.Error, match="key is not held"):
        connection.execute(f"select {hmac_sql('value')} from (values ('a')) as given(value)")


def test_feeds_that_start_together_agree_on_a_generated_key(home: Home) -> None:
    settings = home.settings
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: pseudonym_key(settings), range(16)))
    assert len(keys) == 1
    file = home.folder / "state" / "pseudonym.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["pseudonym.key"]


@pytest.mark.parametrize(
    ("key", "complaint"),
    [
        (None, "is not set"),
        ("", "is not set"),
        ("x7Gh2kLm", "shorter than 32"),
        ("changeme" * 5, "default or trivial"),
        ("a" * 40, "default or trivial"),
    ],
)
def test_a_server_refuses_a_missing_or_weak_key(
    home: Home, key: str | None, complaint: str
) -> None:
    home.environment = {"environment": "server", "pseudonym_key": key}
    home.deliver_lines(payment(1))
    prepare_raw(home.settings)
    with pytest.raises(ConfigError, match=f"SAYDO_PSEUDONYM_KEY.*{complaint}"):
        home.land()
    assert not (home.folder / "state" / "pseudonym.key").exists()
    assert home.leftovers() == []


def test_the_given_key_is_used_and_none_is_generated(home: Home) -> None:
    key = "0123456789abcdef0123456789abcdef"
    home.environment = {"environment": "server", "pseudonym_key": key}
    home.deliver_lines(payment(1))
    home.land()
    expected = hmac.new(key.encode(), b"p1@example.com", hashlib.sha256).hexdigest()
    assert home.rows("id_key") == [(expected,)]
    assert not (home.folder / "state" / "pseudonym.key").exists()


def test_what_is_one_microsecond_late_is_not_in_the_future(home: Home) -> None:
    just = datetime(2024, 6, 30, 12) - timedelta(microseconds=1)
    assert landed_instants(home, "UTC", just.isoformat(sep=" ")) == ["2024-06-30 11:59:59.999999"]
