"""What a column's values say: times, amounts, units, keys, whose."""

from __future__ import annotations

import pytest
from drafts import ACCOUNTS, draft_of, feed_of, feeds_of

from saydo.config import load_feeds
from saydo.draft import doubts_of, draft_feeds, to_yaml
from saydo.draft.times import times_of
from saydo.draft.writing import TO_DO
from saydo.landing import check_feeds
from saydo.landing.expressions import value_of
from saydo.settings import PROJECT, Settings
from saydo.simulate import simulate

CONFIG = PROJECT / "config" / "feeds.yml"


@pytest.mark.parametrize(
    ("values", "template"),
    [
        (["2025-01-31", "2025-02-01"], "{}"),
        (["2025-01-31T10:00:00Z"], "{}"),
        (["20250131", "20241231"], "strptime({}, '%Y%m%d')"),
        (["31/01/2025", "01/02/2025"], "strptime({}, '%d/%m/%Y')"),
        (["1/31/2025 9:05:00", "1/2/2025 10:00:00"], "strptime({}, '%m/%d/%Y %H:%M:%S')"),
        (["01/31/2025 09:05:00 AM"], "strptime({}, '%m/%d/%Y %I:%M:%S %p')"),
        (["31.01.2025 10:00"], "strptime({}, '%d.%m.%Y %H:%M')"),
        (["31/01/25"], "strptime({}, '%d/%m/%y')"),
        (["31 Jan 2025", "1 Feb 2025"], "strptime({}, '%d %b %Y')"),
        (["Jan 31, 2025"], "strptime({}, '%b %d, %Y')"),
        (["1738317600", "1738404000"], "to_timestamp(cast({} as double))"),
        (["1738317600123"], "to_timestamp(cast({} as double) / 1000)"),
    ],
)
def test_times_are_read_by_an_expression_that_the_engine_takes(values, template):
    found = times_of(values, is_named_so=True)
    assert found is not None and found.template == template
    expression = found.sql("x")
    for value in values:
        read = value_of(f"cast({expression} as timestamp)", "timestamp", x=value)
        assert read.date() in found.days


@pytest.mark.parametrize(
    ("values", "named"),
    [
        (["1738317600"], False),
        (["12", "13"], True),
        (["A1"], True),
        (["19990231"], False),
        ([], True),
    ],
)
def test_what_is_no_time_is_not_read_as_one(values, named):
    assert times_of(values, is_named_so=named) is None


def test_a_day_that_may_be_a_month_is_told_with_the_other_reading():
    found = times_of(["01/02/2025", "03/04/2025"], is_named_so=True)
    assert found.template == "strptime({}, '%m/%d/%Y')"
    assert "strptime({}, '%d/%m/%Y')" in found.doubt


def test_an_offset_is_told_from_none():
    assert times_of(["2025-01-01 10:00:00+01:00"], is_named_so=True).has_zone
    assert not times_of(["2025-01-01 10:00:00"], is_named_so=True).has_zone


LEDGER = "tid,acct,paid at,{head}\n1,A1,2025-02-01 10:00:00,{one}\n2,A2,2025-02-02 10:00:00,{two}\n"


@pytest.mark.parametrize(
    ("head", "one", "two", "amount"),
    [
        ("amount", "1.50", "2.00", 1.5),
        ("amount_cents", "150", "200", 1.5),
        ("pence", "150", "200", 1.5),
        ("amount", "-1.50", "2.00", 1.5),
        ("price", "$1.50", "$2.00", 1.5),
        ("total", '"1.234,50 €"', '"2,00 €"', 1234.5),
        ("total", '"1,234.50"', '"2,000.00"', 1234.5),
    ],
)
def test_amounts_are_read_in_whole_units_however_they_are_written(tmp_path, head, one, two, amount):
    files = {"accounts.csv": ACCOUNTS, "ledger.csv": LEDGER.format(head=head, one=one, two=two)}
    feed = feed_of(tmp_path, files, "transactions")
    assert float(value_of(feed.columns["amount"], "double", **{head: one.strip('"')})) == amount


def test_a_sign_of_a_currency_says_which(tmp_path):
    files = {
        "accounts.csv": ACCOUNTS,
        "ledger.csv": LEDGER.format(head="price", one="£1", two="£2"),
    }
    feeds = feeds_of(tmp_path, files)
    assert feeds.business.reporting_currency == "GBP"
    assert feeds.feeds[-1].columns["currency"] == "'GBP'"


def test_negative_amounts_without_a_type_are_refunds(tmp_path):
    files = {
        "accounts.csv": ACCOUNTS,
        "ledger.csv": LEDGER.format(head="amount", one="-1", two="2"),
    }
    kind = feed_of(tmp_path, files, "transactions").columns["transaction_type"]
    assert [value_of(kind, "varchar", amount=value) for value in ("-1", "2")] == [
        "refund",
        "charge",
    ]


def test_others_words_for_the_contracts_values_are_told(tmp_path):
    plans = (
        "contract id,customer,tariff,price,billing cycle,start date\n"
        "S1,A1,basic,10.00,monthly,2025-01-01\nS2,A2,pro,100.00,annual,2025-01-02\n"
    )
    feed = feed_of(tmp_path, {"accounts.csv": ACCOUNTS, "plans.csv": plans}, "subscriptions")
    found = {
        value: value_of(feed.columns["billing_interval"], "varchar", **{"billing cycle": value})
        for value in ("monthly", "annual")
    }
    assert found == {"monthly": "month", "annual": "year"}


@pytest.mark.parametrize(
    ("name", "value", "column", "expected"),
    [
        ("traffic_bytes", "2000000", "traffic_mb", 2),
        ("data_gb", "2", "traffic_mb", 2000),
        ("traffic_mb", "2", "traffic_mb", 2),
        ("duration_seconds", "120", "usage_minutes", 2),
        ("duration_ms", "120000", "usage_minutes", 2),
        ("duration", "0:02:00", "usage_minutes", 2),
        ("minutes", "2", "usage_minutes", 2),
    ],
)
def test_measures_are_read_in_their_unit(tmp_path, name, value, column, expected):
    usage = f"acct,day,{name}\nA1,2025-02-01,{value}\nA2,2025-02-01,{value}\n"
    feed = feed_of(tmp_path, {"accounts.csv": ACCOUNTS, "usage.csv": usage}, "network_usage_daily")
    assert float(value_of(feed.columns[column], "double", **{name: value})) == expected


def test_a_measure_of_ones_own_is_declared(tmp_path):
    usage = (
        "acct,day,sessions,handover_count,jitter_avg\nA1,2025-02-01,1,2,3\nA2,2025-02-01,2,3,4\n"
    )
    feeds = feeds_of(tmp_path, {"accounts.csv": ACCOUNTS, "usage.csv": usage})
    assert {measure.name: measure.aggregate for measure in feeds.measures} == {
        "handover_count": "sum",
        "jitter_avg": "max",
    }


def test_a_file_without_a_key_is_keyed_by_its_lines_and_never_by_a_person(tmp_path):
    answers = "Timestamp,Email Address,Overall rating\n" + "".join(
        f"2025-01-0{day} 10:00:00,p{day}@example.org,{day}\n" for day in (1, 2, 3)
    )
    feed = feed_of(tmp_path, {"feedback.csv": answers}, "survey_responses")
    assert feed.columns["response_id"] == "file_name || ':' || line_number"
    assert feed.columns["id_type"] == "'email'"


def test_files_that_number_on_their_own_get_keys_that_tell_them_apart(tmp_path):
    files = {
        "accounts.csv": ACCOUNTS,
        "billing.csv": LEDGER.format(head="amount", one="1", two="2"),
        "shop.csv": LEDGER.format(head="amount", one="3", two="4"),
    }
    keys = [
        feed.columns["transaction_id"]
        for feed in feeds_of(tmp_path, files).feeds
        if feed.source == "transactions"
    ]
    assert keys == ["tid", "'shop:' || tid"]


def test_values_that_join_say_whose_a_row_is(tmp_path):
    files = {
        "accounts.csv": ACCOUNTS,
        "orders.csv": "order_id,acct\nO1,A1\nO2,A2\nO3,A3\n",
        "payments.csv": "payment_id,order_id,paid,amount\nP1,O1,2025-01-05,5\nP2,O3,2025-01-06,6\n",
    }
    feeds = feeds_of(tmp_path, files)
    assert not feeds.identifier_types["order_id"].is_personal
    by_source = {feed.source: feed for feed in feeds.feeds}
    assert by_source["account_identifiers"].columns["id_value"] == "order_id"
    assert by_source["transactions"].columns["id_type"] == "'order_id'"


def test_a_row_that_is_nobodys_has_to_be_given(tmp_path):
    draft = draft_of(tmp_path, {"takings.csv": "day,amount\n2025-01-01,5\n2025-01-02,6\n"})
    assert f"id_value: 'null'  # {TO_DO}: no column says whose a row is" in to_yaml(draft)
    assert doubts_of(draft)["missing"] == ["takings.id_value"]


def test_a_price_of_one_is_taken_as_often_as_it_was_bought(tmp_path):
    lines = "InvoiceNo,CustomerID,InvoiceDate,Quantity,UnitPrice\n" + "".join(
        f"5{n},C{n % 2},12/{n + 12}/2024 8:26,{count},2.50\n" for n, count in enumerate((6, -1, 3))
    )
    feed = feed_of(tmp_path, {"sales.csv": lines}, "transactions")
    row = {"Quantity": "-1", "UnitPrice": "2.50"}
    assert float(value_of(feed.columns["amount"], "double", **row)) == 2.5
    assert value_of(feed.columns["transaction_type"], "varchar", Quantity="-1") == "refund"


def test_a_column_of_several_types_is_told_by_the_column_beside_it(tmp_path):
    points = "account,kind,value\nA1,MAIL,a@example.org\nA2,SMS,+447700900102\nA3,SIM,23415\n"
    asked = "ticket id,channel,contact,date\n1,web,a@example.org,2025-02-01\n"
    asked += "2,phone,+44 7700 900102,2025-02-02\n"
    files = {"accounts.csv": ACCOUNTS, "points.csv": points, "tickets.csv": asked}
    feeds = {feed.source: feed.columns for feed in feeds_of(tmp_path, files).feeds}
    kinds = feeds["account_identifiers"]["id_type"]
    assert [value_of(kinds, "varchar", kind=kind) for kind in ("MAIL", "SMS", "SIM")] == [
        "email",
        "msisdn",
        "imsi",
    ]
    kinds = feeds["interactions"]["id_type"]
    assert value_of(kinds, "varchar", channel="phone") == "msisdn"


def test_the_simulated_business_is_drafted_as_its_feeds_were_written(tmp_path):
    """All but what no file says: which scales are reversed, a zone, what is a memo."""
    simulate(tmp_path / "landing", customers=120, months=2, seed=3)
    files = [file for file in (tmp_path / "landing").rglob("*.*") if file.name != "truth.json"]
    draft = draft_feeds([(f, f.relative_to(tmp_path / "landing").as_posix()) for f in files])
    (tmp_path / "feeds.yml").write_text(to_yaml(draft))
    settings = Settings(home=tmp_path, feeds_file=tmp_path / "feeds.yml", memory_limit="1GB")
    assert check_feeds(settings) == []
    mine = {feed.source: feed.columns for feed in settings.feeds.feeds}
    written = {feed.source: feed.columns for feed in load_feeds(CONFIG).feeds}
    assert set(mine) == set(written) - {"network_sessions"}
    for source, columns in written.items():
        if source != "network_sessions":
            lacking = set(columns) - set(mine[source])
            assert lacking <= {"is_reversed", "closed_at"}, source  # nobody has closed one yet


def test_where_no_file_numbers_the_accounts_a_mail_address_does(tmp_path):
    answers = "Timestamp,Email Address,Overall rating\n" + "".join(
        f"2025-01-0{day} 10:00:00,p{day}@example.org,{day}\n" for day in (1, 2, 3)
    )
    orders = "order no,email,paid at,total\n1,P1@example.org,2025-02-01 10:00,5\n"
    feeds = feeds_of(tmp_path, {"feedback.csv": answers, "orders.csv": orders}).feeds
    by_source = {feed.source: feed.columns for feed in feeds}
    assert by_source["accounts"]["account_id"] == '"Email Address"'
    assert by_source["account_identifiers"]["id_type"] == "'email'"
    assert by_source["transactions"]["id_type"] == "'email'"


@pytest.mark.parametrize(
    ("name", "rows", "said"),
    [
        (
            "crm/referrals.csv",
            "referrer,referred,date\nA1,A2,2025-01-05\nA1,A3,2025-01-06\n",
            "'referral'",
        ),
        (
            "crm/links.csv",
            "account,to account,kind,since\nA1,A2,Family,2025-01-05\nA1,A3,Friend,2025-01-06\n",
            "case kind when 'Family' then 'household' when 'Friend' then 'contact' end",
        ),
    ],
)
def test_who_is_related_to_whom_is_drafted_with_both_ends(tmp_path, name, rows, said):
    feed = feed_of(tmp_path, {"crm/accounts.csv": ACCOUNTS, name: rows}, "relationships")
    first, second, *_ = rows.split("\n")[0].split(",")
    assert feed.columns["id_type"] == feed.columns["to_id_type"] == "'account_id'"
    assert feed.columns["id_value"] == first
    assert feed.columns["to_id_value"].strip('"') == second
    assert feed.columns["relation_type"] == said
    assert feed.columns["since_at"].strip('"') == rows.split("\n")[0].split(",")[-1]
