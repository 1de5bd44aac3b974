import json
from datetime import date, datetime

import pytest
from gate_home import PERSONAL, good_row, good_rows, key, land, status, stored_text

from saydo.contract import SOURCES
from saydo.errors import DeliveryRefused
from saydo.gate import check_sources, engine
from saydo.landing.commit import side_files
from saydo.landing.ledger import read_entry


def spoil(source, share=1.0, count=40, **changes):
    """A delivery in which a share of the rows has `changes`."""
    return [
        good_row(source, number) | (changes if number < share * count else {})
        for number in range(count)
    ]


def test_clean_deliveries_of_every_source_are_accepted_without_a_warning(settings):
    batches = [land(settings, source, good_rows(source)) for source in SOURCES]
    summary = check_sources(settings)
    assert {status(settings, batch) for batch in batches} == {"accepted"}
    assert summary["success"] is True and summary["warnings"] == []
    assert summary["batch_count"] == len(SOURCES) == len(summary["suites"])
    assert all(suite["evaluated_count"] >= 7 for suite in summary["suites"])
    folder = settings.state / "gate" / "sources"
    assert json.loads((folder / "summary.json").read_text()) == {
        name: value for name, value in summary.items() if name != "batch_count"
    }
    assert "expect_column_values_to_be_in_set" in (folder / "sources.accounts.json").read_text()
    assert "<html" in (folder / "docs" / "sources.accounts.html").read_text()
    assert PERSONAL not in stored_text(settings)


FUTURE = datetime(2025, 3, 11, 0, 0)

REFUSED = {
    "22 null keys": (
        "transactions",
        spoil("transactions", 0.1, id_key=None),
        (
            "expect_column_values_to_not_be_null(id_key)",
            "observed: failing_row_count=4, first_line_number=2",
        ),
    ),
    "24 a flood of dates": (
        "subscriptions",
        spoil("subscriptions", 0.2, ended_at=datetime(9999, 12, 31)),
        (
            "no flood of placeholders in started_at, ended_at",
            "row_count=40",
            "ended_at_sentinel_count=8",
        ),
    ),
    "24 a flood of numbers": (
        "survey_responses",
        spoil("survey_responses", 0.2, score=-99),
        ("no flood of placeholders in responded_at, score", "score_sentinel_count=8", "nullif("),
    ),
    "24 a flood of one identifier": (
        "interactions",
        spoil("interactions", 0.1, count=1000, id_key=key(0)),
        (
            "no single identifier floods a file",
            f"id_key={key(0)[:12]}…",
            "identifier_row_count=100",
        ),
    ),
    "24 a flood of one identifier at the other end": (
        "relationships",
        spoil("relationships", 0.1, count=1000, to_id_key=key(0)),
        ("no single to_identifier floods a file", "identifier_row_count=100"),
    ),
    "36 an event after the day of landing": (
        "transactions",
        spoil("transactions", 0.025, occurred_at=FUTURE),
        ("no occurred_at in the future", "future_row_count=1", "time zone"),
    ),
    "36 a day after the day of landing": (
        "network_usage_daily",
        spoil("network_usage_daily", 0.025, usage_date=date(2025, 3, 11)),
        ("no usage_date in the future", "future_row_count=1"),
    ),
    "44 no currency": (
        "transactions",
        spoil("transactions", 0.1, currency=None),
        ("currency is an ISO 4217 code", "bad_currency_count=4", "three capital letters"),
    ),
    "44 a currency by its sign": (
        "subscriptions",
        spoil("subscriptions", 0.1, currency="£"),
        ("currency is an ISO 4217 code", "bad_currency_count=4"),
    ),
    "a value outside the contract": (
        "survey_invitations",
        spoil("survey_invitations", 0.05, status="opened"),
        ("expect_column_values_to_be_in_set(status)", "failing_row_count=2"),
    ),
}


@pytest.mark.parametrize(("source", "rows", "expected"), REFUSED.values(), ids=REFUSED)
def test_a_faulty_delivery_is_refused_and_a_good_one_beside_it_goes_in(
    settings, source, rows, expected
):
    good = land(settings, source, good_rows(source), name="good", sequence=1)
    bad = land(settings, source, rows, name="bad", sequence=2)
    with pytest.raises(DeliveryRefused) as refusal:
        check_sources(settings)
    message = str(refusal.value)
    assert message.startswith(
        f"1 of 2 new batches refused.\n{source}-bad (feed {source}, file {source}/bad.csv)\n"
        f"  suite sources.{source}: "
    )
    assert f"{source}-good (" not in message
    assert "the last release keeps serving" in message
    for text in expected:
        assert text in message
    assert status(settings, good) == "accepted"
    entry = read_entry(settings, bad.batch_id)
    assert entry.status == "refused" and expected[0] in entry.refused_reason
    assert not (settings.raw / source / f"batch={bad.batch_id}").exists()
    assert (settings.raw / source / f"batch={good.batch_id}").exists()
    assert (
        json.loads((settings.state / "gate/sources/summary.json").read_text())["success"] is False
    )
    for text in (message, stored_text(settings)):
        assert PERSONAL not in text and key(0) not in text


def test_a_file_about_one_customer_or_a_few_is_no_flood(settings):
    for name, owners in (("one", 1), ("few", 4)):
        rows = good_rows("transactions", 1000)
        for number, row in enumerate(rows):
            row |= {"transaction_id": f"{name}{number}", "id_key": key(number % owners)}
        land(settings, "transactions", rows, name=name, sequence=owners)
    assert check_sources(settings)["warnings"] == []


@pytest.mark.parametrize("others", [100, 1000])
def test_a_thousand_rows_of_one_beside_a_thousand_of_many_are_a_flood(settings, others):
    rows = good_rows("transactions", 2000)
    for number in range(1000):
        rows[number]["id_key"] = key(others)
        rows[1000 + number]["id_key"] = key(number % others)
    batch = land(settings, "transactions", rows)
    with pytest.raises(DeliveryRefused, match="no single identifier floods a file"):
        check_sources(settings)
    assert status(settings, batch) == "refused"


WARNED = {
    "a birth year outside living memory": (
        "accounts",
        spoil("accounts", 0.1, birth_year=1066),
        "expect_column_values_to_be_between(birth_year): observed failing_row_count=4",
    ),
    "a subscription that ends before it starts": (
        "subscriptions",
        spoil("subscriptions", 0.1, ended_at=datetime(2020, 1, 1)),
        "(ended_at, started_at): observed failing_row_count=4",
    ),
    "a subscription that starts next month": (
        "subscriptions",
        spoil("subscriptions", 0.025, started_at=FUTURE),
        "no started_at in the future: observed future_row_count=1",
    ),
    "a negative measure": (
        "network_usage_daily",
        spoil("network_usage_daily", 0.025, traffic_mb=-3),
        "negative_row_count=1",
    ),
    "responses without an answer": (
        "survey_responses",
        spoil("survey_responses", 0.2, count=100, score=None, answer_text=None),
        "unanswered_count=20",
    ),
}


@pytest.mark.parametrize(("source", "rows", "expected"), WARNED.values(), ids=WARNED)
def test_a_doubtful_delivery_goes_in_with_a_warning(settings, source, rows, expected):
    batch = land(settings, source, rows)
    summary = check_sources(settings)
    entry = read_entry(settings, batch.batch_id)
    assert entry.status == "accepted"
    assert len(entry.warnings) == 1 and expected in entry.warnings[0]
    assert len(summary["warnings"]) == 1
    assert summary["failed"] == {"critical": 0, "warning": 1}


def test_without_a_new_batch_nothing_is_evaluated_or_imported(settings, monkeypatch):
    land(settings, "transactions", good_rows("transactions"), status="accepted")
    monkeypatch.setattr(engine, "import_gx", lambda: pytest.fail("imported"))
    assert check_sources(settings)["evaluated_count"] == 0


def test_a_batch_without_rows_is_refused(settings):
    batch = land(settings, "transactions", [])
    with pytest.raises(DeliveryRefused, match="no row, so nothing was checked"):
        check_sources(settings)
    assert status(settings, batch) == "refused"


def test_a_batch_without_rows_goes_in_where_the_feed_may_be_empty(settings):
    file = settings.feeds_file
    file.write_text(file.read_text() + "    expect: {min_rows: 0}\n")
    batch = land(settings, "erasure_requests", [])
    assert check_sources(settings)["batch_count"] == 1
    assert status(settings, batch) == "accepted"


@pytest.mark.parametrize("left", ["refused", "withdrawn"])
def test_data_left_by_a_crash_while_refusing_is_swept_away(settings, left):
    batch = land(settings, "transactions", good_rows("transactions"), status=left)
    check_sources(settings)
    assert not (settings.raw / "transactions" / f"batch={batch.batch_id}").exists()


def test_a_refused_batch_leaves_no_rejected_rows_either(settings):
    batch = land(settings, "transactions", spoil("transactions", 0.1, currency=None))
    files = side_files(settings, batch.source, batch.batch_id)
    for file in files:
        file.parent.mkdir(parents=True)
        file.touch()
    with pytest.raises(DeliveryRefused):
        check_sources(settings)
    assert not any(file.exists() for file in files)


def test_the_log_tells_each_batchs_own_rows(settings, caplog):
    caplog.set_level("INFO", "saydo.gate.sources")
    land(settings, "transactions", good_rows("transactions", 40))
    land(settings, "transactions", good_rows("transactions", 30), name="two", sequence=2)
    check_sources(settings)
    assert "transactions-one: 40 rows accepted" in caplog.messages
    assert "transactions-two: 30 rows accepted" in caplog.messages
