import json
import shutil
from datetime import timedelta

import pytest
from gate_home import PERSONAL, START, good_rows, key, land, status, stored_text

from saydo.errors import DeliveryRefused
from saydo.gate import check_sources
from saydo.landing.ledger import read_entry


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


def test_measurements_of_an_earlier_version_are_read_and_compared_as_far_as_they_go(settings):
    deliver_usual(settings)
    check_sources(settings)
    for file in (settings.state / "gate" / "history").glob("*.json"):
        facts = json.loads(file.read_text())
        for later in ("days", "hours", "late_in_month", "signs", "scores", "shared", "keys"):
            del facts[later]
        file.write_text(json.dumps(facts | {"of a version to come": 1}))
    deliver(settings, 6)
    assert check_sources(settings)["warnings"] == []
    deliver(settings, 7, 135)
    with pytest.raises(DeliveryRefused, match="usual_rows_per_day=98"):
        check_sources(settings)


def test_what_is_unlike_the_feeds_past_is_told_with_its_advice(settings):
    deliver_usual(settings)
    rows = good_rows("transactions", 900, product_code="plan_a")
    rows = [row | {"product_code": None} if n % 3 == 0 else row for n, row in enumerate(rows)]
    batch = land(settings, "transactions", rows, name="part6", sequence=6)
    (told,) = check_sources(settings)["warnings"]
    (warning,) = read_entry(settings, batch.batch_id).warnings
    for text in (told, warning):
        assert "columns are filled as usual: observed product_code: 33% of rows are null" in text
        assert "asks for a new file" in text


def test_half_the_usual_volume_is_a_warning(settings):
    deliver_usual(settings)
    batch = deliver(settings, 6, 360)
    check_sources(settings)
    (warning,) = read_entry(settings, batch.batch_id).warnings
    assert "rows a day within 50% of the feed's usual" in warning


def test_the_volume_of_a_feed_is_not_judged_before_its_rhythm_is_known(settings):
    deliver_usual(settings, 4)  # 32 days: the last day of the month may not be among them
    batch = deliver(settings, 4, 90)
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
