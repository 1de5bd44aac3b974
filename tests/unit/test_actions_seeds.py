"""What worlds of planted actions are asked, and that a run goes on at the seed that is missing."""

from __future__ import annotations

import json

import duckdb
import pytest

from bench import actions_seeds
from bench.actions_seeds import FIGURES, measure, page
from bench.actions_worlds import CIRCLE, NOTHING, configured

TRUTH = {
    "actions": {
        "journeys": {
            "start_type": "contact", "path": "contact > complaint > contact",
            "worst_step": "complaint", "worst_step_number": 2,
        },
        "circle": {
            "sets": {"there": "region_code = 'LON'", "asked": "contact_count >= 1"},
            "outcome": "new_service_count_after >= 1", "horizon_months": 3,
        },
    },
    "planted": {"credits": {"bands": {"all": {"churn_difference_60d": -0.01}}}},
    "influence": {"account_keys": ["a1"]},
    "changes": {"experiment_code": "offer", "planned_shares": {"tv": 0.5, "control": 0.5}},
}  # fmt: skip
MARTS = f"""
create schema marts;
create table marts.journey_paths as
select 'contact' as start_type, 'contact > complaint > contact' as path,
    'complaint' as worst_step, 2 as worst_step_number, -0.5 as worst_step_ci_high;
create table marts.success_circles as
select * from (values
    ('{CIRCLE}', 1, null, null, 'evidence'), ('{CIRCLE}', 2, 2.5, 0.001, 'proven'),
    ('{next(iter(NOTHING))}', 2, 1.1, 0.04, 'not_shown')
) as bets(bet_code, set_count, lift, adjusted_p, verdict);
create table marts.recommendation_readouts as
select 'expected_revenue' as method, 0.6 as hit_rate_at_3, 0.4 as popularity_hit_rate_at_3;
create table marts.flux_signals as
select 'signal ' || number as signal_code, 1.6 as lift, 1.2 as ci_low
from range(4) as numbers(number);
create table marts.service_recovery_outcomes as
select 60 as horizon_days, 'all' as satisfaction_band,
    -0.02 as churn_ci_low, 0.001 as churn_ci_high;
create table marts.customer_influence as
select 'c' || number as customer_id, number / 4 as influence_percentile
from range(5) as numbers(number);
create schema intermediate;
create table intermediate.int_accounts_resolved as
select 'a' || number as account_key, 'c' || (5 - number) as customer_id
from range(1, 6) as numbers(number);
"""
SPOILT = {
    "update marts.journey_paths set worst_step_number = 1": (0, [0.0]),
    "update marts.journey_paths set worst_step_ci_high = 0.1": (0, [0.0]),
    "delete from marts.journey_paths": (0, [0.0]),
    "update marts.success_circles set adjusted_p = 0.2": (1, [0.0]),
    "update marts.success_circles set verdict = 'proven'": (2, [0.0, 1.0, 1.0, 1.0, 1.0]),
    "update marts.recommendation_readouts set hit_rate_at_3 = 0.4": (3, [1.0]),
    "delete from marts.recommendation_readouts": (3, [0.0]),
    "update marts.flux_signals set ci_low = 0.9": (4, [0.0]),
    "update marts.service_recovery_outcomes set churn_ci_high = -0.015": (5, [0.0]),
    "delete from marts.service_recovery_outcomes": (5, [0.0]),
    "update marts.customer_influence set influence_percentile = 1 where customer_id = 'c0'": (
        6,
        [0.875],
    ),
}


@pytest.fixture
def warehouse():
    with duckdb.connect() as connection:
        connection.execute(MARTS)
        yield connection


def test_a_world_in_which_all_is_found_answers_so(warehouse):
    answers = [figure.ask(warehouse, TRUTH) for figure in FIGURES]
    assert answers == [[1], [1], [1] * 5, [pytest.approx(1.5)], [4], [1], [1]]


@pytest.mark.parametrize("statement", SPOILT)
def test_what_is_not_found_is_told(warehouse, statement):
    warehouse.execute(statement)
    number, answer = SPOILT[statement]
    assert FIGURES[number].ask(warehouse, TRUTH) == answer


def test_the_bets_and_the_chances_of_a_world_are_a_configuration_that_is_read(tmp_path):
    settings = configured(tmp_path, TRUTH)
    assert [bet.code for bet in settings.bets.bets] == [CIRCLE, *NOTHING]
    assert "crm_relations" in [feed.name for feed in settings.feeds.feeds]
    assert settings.policy.next_services.offer_experiments == ("offer",)
    assert settings.policy.experiments.planned_shares["offer"]["tv"] == 0.5


def test_a_promise_that_is_not_kept_is_told():
    good = {figure.name: [figure.least] for figure in FIGURES}
    assert "**no**" not in page([good] * 10, 50, 12)
    bad = good | {FIGURES[0].name: [0.0]}
    assert "**no**" not in page([good] * 9 + [bad], 50, 12)
    assert page([good] * 8 + [bad] * 2, 50, 12).count("**no**") == 1


def test_a_run_goes_on_at_the_seed_that_is_missing_or_lacks_a_figure(tmp_path, monkeypatch):
    good = {figure.name: [figure.least] for figure in FIGURES}
    asked = []

    def answer(function, home, customers, months, seed, world):
        asked.append(seed)
        return {figure.name: good[figure.name] for figure in FIGURES if figure.world == world}

    monkeypatch.setattr(actions_seeds, "apart", answer)
    first = measure(tmp_path, 50, 12, 3)
    (tmp_path / "50x12" / "2.json").unlink()
    (tmp_path / "50x12" / "3.json").write_text(json.dumps({FIGURES[0].name: [1.0]}))
    assert measure(tmp_path, 50, 12, 3) == first and asked == [1, 1, 2, 2, 3, 3, 2, 2, 3, 3]
