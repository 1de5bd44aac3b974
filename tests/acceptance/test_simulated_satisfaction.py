"""2,000 simulated customers: what satisfaction is predicted from, against what was planted."""

from __future__ import annotations

import json

import duckdb
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import r2_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from threadpoolctl import threadpool_limits

from saydo.simulate.parameters import EFFECTS


def test_predictions_tell_nine_tenths_of_what_gradient_boosting_tells(telco):
    told = json.loads((telco.settings.state / "estimates/satisfaction_drivers.json").read_text())
    with duckdb.connect(str(telco.settings.warehouse), read_only=True) as connection:
        known = connection.execute(
            "select bands.*, answers.score::double as score "
            "from intermediate.int_survey_answers_selected_to_customer_months as answers "
            "inner join intermediate.int_drivers_banded_to_customer_months as bands "
            "using (customer_id, month_start_date) "
            "where question_role = 'overall_satisfaction' order by all"
        ).df()
    scores, customers = known.pop("score"), known.pop("customer_id")
    bands = known.drop(columns="month_start_date").apply(lambda name: name.factorize(sort=True)[0])
    with threadpool_limits(1):
        boosted = cross_val_predict(
            HistGradientBoostingRegressor(max_iter=100, learning_rate=0.05, random_state=0),
            bands, scores, groups=customers, cv=GroupKFold(8),
        )  # fmt: skip
    assert told["diagnostics"]["answers"] == len(scores)
    assert told["diagnostics"]["out_of_fold_r2"] >= 0.9 * r2_score(scores, boosted) > 0.25


def test_the_points_are_what_was_planted(telco):
    points = {
        (feature, band): float(value)
        for feature, band, value in telco.rows(
            "select feature, band, points from satisfaction_drivers"
        )
    }
    # Thirty points of experience are three units of it; the better served are happier anyway.
    for feature, planted in (
        ("experience_score", -3 * EFFECTS.experience_now),
        ("previous_experience_score", -3 * EFFECTS.experience_lag),
    ):
        risen = points[feature, "80_to_90"] - points[feature, "50_to_60"]
        assert 0.8 * planted < risen < planted + 0.6
    idle = ("recent_fault_day_count", "recent_contact_count", "plan_code", "tenure_band")
    assert max(abs(value) for (feature, _), value in points.items() if feature in idle) < 0.5


def test_asking_changes_nothing_and_those_who_answer_stay_more_often(telco):
    months = telco.rows(
        "select stay_difference_low <= 0 and stay_difference_high >= 0 from survey_groups_monthly "
        "where group_type = 'invited' and not is_pending"
    )
    held = [is_held for (is_held,) in months]
    assert len(held) == 3 and sum(held) >= 0.8 * len(held)
    shares = dict(
        telco.rows(
            "select group_type, sum(staying_count) / sum(paying_count) from survey_groups_monthly "
            "where not is_pending group by 1"
        )
    )
    # Satisfied customers answer more often, and leave less: by one of a hundred, hardly more than
    # chance among so few, but the seed is fixed.
    assert EFFECTS.answer_score > 0 > EFFECTS.churn_slope_below
    assert shares["answered"] > shares["silent"]
