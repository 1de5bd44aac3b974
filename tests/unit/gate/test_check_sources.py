import json
import shutil
from datetime import date, datetime, timedelta

import pytest
from gate_home import PERSONAL, START, good_row, good_rows, key, land

from saydo.contract import SOURCES
from saydo.errors import DeliveryRefused
from saydo.gate import check_sources, engine, suites
from saydo.landing.ledger import read_entry


def status(settings, batch):
    return read_entry(settings, batch.batch_id).status


def stored_text(settings):
    return "".join(
        file.read_text() for file in (settings.state / "gate").rglob("*") if file.is_file()
    )


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
        ("no flood of placeholders in started_at, ended_at", "ended_at_sentinel_count=8"),
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


def deliver(settings, number, count=900, **changes):
    """A file of transactions over nine days, about a hundred a day."""
    rows = good_rows("transactions", count, product_code="plan_a")
    for row in rows:
        row["occurred_at"] -= timedelta(days=9 * (6 - number))
    rows = [row | changes for row in rows]
    return land(settings, "transactions", rows, name=f"part{number}", sequence=number)


def deliver_usual(settings, count=6):
    for number in range(count):
        deliver(settings, number, 855 + 9 * number)


COMPARED = {
    "54 four fifths of the rows are missing": (
        {"count": 135},
        "rows a day within 80% of the feed's usual",
        "rows_per_day=15.0, usual_rows_per_day=97.5",
    ),
    "54 twice the rows": ({"count": 1800}, "rows a day within 80%", "rows_per_day=200.0"),
    "45 pence for pounds": (
        {"amount": 2000},
        "amount in the usual unit",
        "magnitude=2000.0, usual_magnitude=20.0",
    ),
    "46 a 1024th": ({"amount": 0.02}, "amount in the usual unit", "magnitude=0.02"),
    "23 a column emptied": (
        {"product_code": None},
        "no column that is usually filled is mostly null",
        "column_name=product_code, null_ratio=1.0",
    ),
}


@pytest.mark.parametrize("position", [0, 6], ids=["first", "last"])
@pytest.mark.parametrize(("changes", "rule", "observed"), COMPARED.values(), ids=COMPARED)
def test_a_file_unlike_the_feeds_others_is_refused_wherever_it_stands(
    settings, changes, rule, observed, position
):
    others = [number for number in range(7) if number != position]
    for index, number in enumerate(others):
        deliver(settings, number, 855 + 9 * index)
    odd = deliver(settings, position, **changes)
    with pytest.raises(DeliveryRefused, match="1 of 7 new batches refused") as refusal:
        check_sources(settings)
    assert rule in str(refusal.value) and observed in str(refusal.value)
    assert status(settings, odd) == "refused"


def test_files_accepted_earlier_are_compared_with_though_their_data_is_gone(settings):
    deliver_usual(settings)
    check_sources(settings)
    shutil.rmtree(settings.raw / "transactions")
    deliver(settings, 6, 135)
    with pytest.raises(DeliveryRefused, match="usual_rows_per_day=97"):
        check_sources(settings)


def test_half_the_usual_volume_is_a_warning(settings):
    deliver_usual(settings)
    batch = deliver(settings, 6, 360)
    check_sources(settings)
    (warning,) = read_entry(settings, batch.batch_id).warnings
    assert "rows a day within 50% of the feed's usual" in warning


def test_the_volume_of_a_feed_is_not_judged_before_its_rhythm_is_known(settings):
    deliver_usual(settings, 4)  # 32 days: the last day of the month may not be among them
    batch = deliver(settings, 6, 90)
    assert check_sources(settings)["warnings"] == []
    assert status(settings, batch) == "accepted"


def test_late_rows_of_other_days_do_not_hide_the_volume_of_the_day(settings):
    deliver_usual(settings)
    rows = good_rows("transactions", 100, occurred_at=START, product_code="plan_a")
    for number in range(15):
        rows[number]["occurred_at"] = START - timedelta(days=number)
    batch = land(settings, "transactions", rows, name="late", sequence=8)
    assert check_sources(settings)["warnings"] == []
    assert status(settings, batch) == "accepted"


def test_a_volume_that_the_feed_had_before_is_usual(settings):
    deliver_usual(settings, 5)
    batches = [deliver(settings, number, 1600) for number in (5, 6)]  # two billing days
    assert check_sources(settings)["warnings"] == []
    assert {status(settings, batch) for batch in batches} == {"accepted"}


def contact(settings, channel, number, count=400):
    rows = good_rows("interactions", count)
    for row in rows:
        row["occurred_at"] -= timedelta(days=9 * (5 - number))
    for row in rows[:10]:
        row["channel_code"] = channel
    return land(settings, "interactions", rows, name=f"part{number}", sequence=number)


@pytest.mark.parametrize(
    ("channel", "shown"),
    [("fax", "new_value=fax, row_count=10"), (PERSONAL, "new_value=(not shown), row_count=10")],
)
def test_a_new_code_goes_in_with_a_warning_that_shows_nothing_personal(settings, channel, shown):
    for number in range(5):
        contact(settings, "chat", number)
    batch = contact(settings, channel, 5)
    summary = check_sources(settings)
    assert status(settings, batch) == "accepted"
    (warning,) = read_entry(settings, batch.batch_id).warnings
    assert f"column_name=channel_code, {shown}" in warning and summary["warning_count"] == 1
    assert PERSONAL not in stored_text(settings)


@pytest.mark.parametrize(("strangers", "verdict"), [(2, "accepted"), (12, "refused")])
def test_orphan_facts_warn_and_past_the_limit_refuse(settings, strangers, verdict):
    land(settings, "account_identifiers", good_rows("account_identifiers", 200))
    rows = good_rows("transactions", 200)
    for number in range(strangers):
        rows[number]["id_key"] = key(1000 + number)
    batch = land(settings, "transactions", rows)
    if verdict == "refused":
        with pytest.raises(DeliveryRefused, match=r"orphan_ratio=0\.06, row_count=200"):
            check_sources(settings)
    else:
        (warning,) = check_sources(settings)["warnings"]
        assert "at most 0.5% of rows of identifiers that no account has" in warning
    assert status(settings, batch) == verdict


def test_a_question_on_another_scale_is_refused(settings):
    land(settings, "survey_responses", good_rows("survey_responses"), name="first", sequence=1)
    rows = good_rows("survey_responses", score=4, scale_min=1, scale_max=5)
    land(settings, "survey_responses", rows, name="second", sequence=2)
    with pytest.raises(DeliveryRefused, match=r"overall 1\.0-5\.0"):
        check_sources(settings)


def test_a_snapshot_is_compared_by_its_size(settings):
    for number in range(8):
        land(
            settings,
            "accounts",
            good_rows("accounts", 200 if number < 7 else 20),
            name=f"s{number}",
            sequence=number,
            delivery="snapshot",
        )
    with pytest.raises(DeliveryRefused, match=r"rows_per_day=20\.0, usual_rows_per_day=200\.0"):
        check_sources(settings)


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


def test_data_left_by_a_crash_while_refusing_is_swept_away(settings):
    batch = land(settings, "transactions", good_rows("transactions"), status="refused")
    check_sources(settings)
    assert not (settings.raw / "transactions" / f"batch={batch.batch_id}").exists()


def test_an_expectation_that_raises_refuses_whatever_its_severity(settings, replace_suite):
    def rules():
        import great_expectations.expectations as gxe

        query = "select 1 from {batch} where cast(_line_number || 'x' as integer) = 1"
        return [
            gxe.UnexpectedRowsExpectation(
                unexpected_rows_query=query, description="odd", notes="x", severity="warning"
            )
        ]

    replace_suite("sources.transactions", rules)
    batch = land(settings, "transactions", good_rows("transactions"))
    with pytest.raises(DeliveryRefused, match=r"the expectation itself failed: .*Conversion Error"):
        check_sources(settings)
    assert status(settings, batch) == "refused"


def test_a_source_without_a_suite_is_refused_before_any_batch_is_touched(settings, monkeypatch):
    monkeypatch.setattr(suites, "suite_names", lambda kind: ["accounts"])
    batch = land(settings, "transactions", good_rows("transactions"))
    with pytest.raises(DeliveryRefused, match=r"sources\.transactions has no suite.*Write expect"):
        check_sources(settings)
    assert status(settings, batch) == "landed"


def test_no_evaluated_expectation_refuses(settings, monkeypatch):
    import great_expectations as gx

    land(settings, "transactions", good_rows("transactions"))
    suite_class = gx.ExpectationSuite
    empty = lambda name, expectations: suite_class(name=name, expectations=[])  # noqa: E731
    monkeypatch.setattr(gx, "ExpectationSuite", empty)
    with pytest.raises(DeliveryRefused, match="no expectation was evaluated"):
        check_sources(settings)


def misspelt_argument():
    import great_expectations.expectations as gxe

    return [gxe.ExpectColumnValuesToNotBeNull(column="amount", mostlly=0.9, notes="x")]


def misspelt_class():
    import great_expectations.expectations as gxe

    return [gxe.ExpectColumnValuesToNotBeNul(column="amount", notes="x")]


def misspelt_column():
    import great_expectations.expectations as gxe

    return [gxe.ExpectColumnValuesToNotBeNull(column="amuont", notes="x")]


def misspelt_query():
    import great_expectations.expectations as gxe

    query = "select amuont from {batch}"
    return [gxe.UnexpectedRowsExpectation(unexpected_rows_query=query, notes="x")]


def no_notes():
    import great_expectations.expectations as gxe

    return [gxe.ExpectColumnValuesToNotBeNull(column="amount")]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (misspelt_argument, "mostlly"),
        (misspelt_class, "ExpectColumnValuesToNotBeNul"),
        (misspelt_column, "transactions has no column 'amuont'; did you mean 'amount'?"),
        (misspelt_query, 'column "amuont" not found'),
        (no_notes, "has no notes"),
        (list, "holds no expectation"),
    ],
)
def test_a_wrong_rule_fails_before_anything_is_evaluated(settings, replace_suite, rules, expected):
    replace_suite("sources.transactions", rules)
    batch = land(settings, "transactions", good_rows("transactions"))
    with pytest.raises(DeliveryRefused) as refusal:
        check_sources(settings)
    assert "expectations/sources/transactions.py" in str(refusal.value)
    assert expected in str(refusal.value)
    assert status(settings, batch) == "landed"
    assert not (settings.state / "gate" / "sources").exists()


def test_a_wrong_rule_about_a_mart_already_fails_at_the_first_gate(settings, replace_suite):
    replace_suite("marts.customer_months", misspelt_argument)
    land(settings, "transactions", good_rows("transactions"))
    with pytest.raises(DeliveryRefused, match=r"expectations/marts/customer_months\.py"):
        check_sources(settings)
