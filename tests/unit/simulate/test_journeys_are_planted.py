"""Journeys and a circle are planted on request, and the truth says what is found of them."""

from __future__ import annotations

import pytest
from delivered_tables import read_tables, read_truth

from saydo.errors import ConfigError
from saydo.simulate import simulate


@pytest.fixture(scope="module")
def landing(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planted") / "landing"
    simulate(folder, customers=1500, months=7, seed=3, journeys=True)
    return folder


@pytest.fixture(scope="module")
def tables(landing):
    return read_tables(landing)


def test_journeys_are_three_contacts_about_one_topic_within_a_gap_of_each_other(tables, landing):
    truth = read_truth(landing)["actions"]["journeys"]
    found = tables.execute(
        """
        with told as (
            select id_value, interaction_type, topic_code, occurred_at,
                lead(interaction_type) over life as second_type,
                lead(interaction_type, 2) over life as third_type,
                lead(occurred_at) over life - occurred_at as first_gap,
                lead(occurred_at, 2) over life - lead(occurred_at) over life as second_gap
            from interactions where topic_code = 'tariff'
            window life as (partition by id_value order by occurred_at, interaction_id)
        )
        select count(*) from told
        where interaction_type = 'question' and second_type = 'complaint'
            and third_type = 'question' and first_gap between interval 7 day and interval 14 day
            and second_gap between interval 7 day and interval 14 day
        """
    ).fetchone()[0]
    assert 0.6 * truth["count"] < found <= 1.1 * truth["count"] and truth["count"] > 300


def test_scores_fall_after_the_complaint_by_what_was_planted(tables, landing):
    planted = read_truth(landing)["actions"]["planted"]
    before, after = tables.execute(
        """
        with hurt as (
            select id_value, min(occurred_at) as complained_at from interactions
            where interaction_type = 'complaint' and topic_code = 'tariff' group by id_value
        )
        select avg(score) filter (responded_at < complained_at),
            avg(score) filter (responded_at > complained_at
                and responded_at < complained_at + interval 90 day)
        from survey_responses inner join hurt using (id_value)
        where question_code = 'q_osat'
        """
    ).fetchone()
    # Some complained about their tariff of their own accord, and were not hurt by it.
    assert 0.6 * planted["journey_satisfaction"] > after - before
    assert after - before > 1.1 * planted["journey_satisfaction"]


def test_the_circle_buys_in_the_month_of_the_cut_off_and_half_of_it_after(tables, landing):
    truth = read_truth(landing)["actions"]
    month = truth["circle"]["cut_off_date"][:7]
    bought, later = (
        tables.execute(
            "select count(*) from subscriptions where product_code = ? and started_at "
            "between ?::date and ?::date + interval 2 month",
            [code, f"{month}-01", f"{month}-01"],
        ).fetchone()[0]
        for code in ("CLOUD-Q", "ROAM-DAY")
    )
    assert 0.7 * truth["circle"]["count"] < bought < 2 * truth["circle"]["count"]
    assert 0.2 * bought < later < bought


def test_without_the_option_nothing_is_planted(tmp_path):
    simulate(tmp_path / "landing", customers=60, months=2, seed=3)
    assert "actions" not in read_truth(tmp_path / "landing")
    with pytest.raises(ConfigError, match="take 6 at least"):
        simulate(tmp_path / "other", customers=60, months=5, seed=3, journeys=True)
