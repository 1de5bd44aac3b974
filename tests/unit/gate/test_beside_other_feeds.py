"""What another feed or the dictionaries say of a delivery."""

from __future__ import annotations

import duckdb
import pytest
from gate_home import good_rows, land, status

from saydo.errors import DeliveryRefused
from saydo.gate import check_sources
from saydo.landing.ledger import read_entry, write_entry


def land_as(settings, feed, source, rows, sequence, name=None):
    """A batch of another feed of the same source."""
    batch = land(settings, source, rows, name=name or feed, sequence=sequence)
    file = settings.raw / source / f"batch={batch.batch_id}" / "month=all" / "data.parquet"
    other = file.with_name("other.parquet")
    duckdb.execute(
        f"copy (select * replace ('{feed}' as _feed, {sequence} as _batch_sequence) "
        f"from read_parquet('{file}', hive_partitioning = false)) to '{other}'"
    )
    other.rename(file)
    batch = batch.model_copy(update={"feed": feed, "months": ["all"]})
    write_entry(settings, batch)
    return batch


@pytest.mark.parametrize("is_accepted", [True, False], ids=["landed before", "landed beside it"])
@pytest.mark.parametrize(("shared", "verdict"), [(0, "accepted"), (1, "accepted"), (2, "refused")])
def test_rows_that_would_replace_another_feeds_are_told_and_past_the_share_refused(
    settings, is_accepted, shared, verdict
):
    first = land_as(settings, "first", "transactions", good_rows("transactions", 200), 1)
    if is_accepted:
        check_sources(settings)
    rows = good_rows("transactions", 120)
    for number, row in enumerate(rows):
        is_conflict = number < shared
        row["transaction_id"] = f"t{number}" if is_conflict else f"s{number}"
        row["amount"] = 1000 if is_conflict else 20
    rows[-1] = good_rows("transactions", 200)[150]  # the same row twice contradicts nothing
    second = land_as(settings, "second", "transactions", rows, 2)
    if verdict == "refused":
        with pytest.raises(DeliveryRefused) as refusal:
            check_sources(settings)
        told = str(refusal.value)
    else:
        check_sources(settings)
        told = " ".join(read_entry(settings, second.batch_id).warnings)
    assert status(settings, second) == verdict and status(settings, first) == "accepted"
    expected = (
        f"{shared} of 120 rows of feed second have a key (transaction_id) that feed first gave"
    )
    assert (expected in told and "'s:' ||" in told) if shared else told == ""


def test_two_systems_may_list_one_account_and_contradict_each_other_once(settings):
    land_as(settings, "crm", "accounts", good_rows("accounts", 60), 1)
    check_sources(settings)
    rows = good_rows("accounts", 60, birth_year=None, customer_type=None)
    rows[0]["region_code"] = "south"
    verdicts = []
    for number in (2, 3):
        batch = land_as(settings, "billing", "accounts", rows, number, f"billing{number}")
        check_sources(settings)
        verdicts.append(read_entry(settings, batch.batch_id).warnings)
    assert len(verdicts[0]) == 1 and "1 of 60 rows of feed billing" in verdicts[0][0]
    assert verdicts[1] == []


def test_answers_to_a_question_that_nothing_declares_are_told(settings):
    rows = good_rows("survey_responses", 60, question_code="Overall Satisfaction")
    batch = land(settings, "survey_responses", rows)
    check_sources(settings)
    (warning,) = read_entry(settings, batch.batch_id).warnings
    assert "60 answers to question 'Overall Satisfaction' have no role" in warning
    assert "the nearest declared code is 'overall_satisfaction'" in warning
    assert 'questions: {"Overall Satisfaction": overall_satisfaction}' in warning
