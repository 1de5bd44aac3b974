"""The scorecard: a hand-worked example, an oracle of single answers, and what holds of any data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.ensemble import GradientBoostingRegressor, HistGradientBoostingRegressor
from sklearn.metrics import r2_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from threadpoolctl import threadpool_limits

from saydo.estimate.scorecard import Cells, Levels, fit_scorecard

RIDGE = 20.0


def of_answers(levels: np.ndarray, groups: np.ndarray, scores: np.ndarray) -> Cells:
    """A cell for each answer."""
    return Cells(levels, groups, np.ones(len(scores)), scores, scores**2)


def predictions(levels: np.ndarray, features: list[Levels], found) -> np.ndarray:
    offsets = np.cumsum([0] + [feature.count for feature in features[:-1]])
    return found.intercept + found.points[levels + offsets].sum(axis=1)


def test_the_golden_points_are_halfway_to_the_mean_and_told_against_the_customers():
    # Two levels, 20 answers each, of mean 3 and 7; in either group the two are 4 apart.
    cells = Cells(
        levels=np.array([[0], [1], [0], [1]]),
        groups=np.array([0, 0, 1, 1]),
        counts=np.full(4, 10.0),
        totals=np.array([40.0, 80, 20, 60]),
        squares=np.array([160.0, 640, 40, 360]),
    )
    found = fit_scorecard(cells, [Levels(2)], np.array([30.0, 10]), RIDGE)
    # Points are 20 / (20 + 20) of -2 and 2; their mean over the customers is -0.5.
    assert found.points == pytest.approx([-0.5, 1.5], abs=1e-9)
    assert found.intercept == pytest.approx(5 - 0.5, abs=1e-9)
    assert found.answer_counts.tolist() == [20, 20]
    # Without a group the points are 10 / (10 + 20) of -2 and 2, whichever; the means are 4 and 6.
    assert found.standard_errors == pytest.approx([0, 0], abs=1e-9)
    assert found.intercept_standard_error == pytest.approx(1, abs=1e-9)
    # The first group is expected at 3 1/3 and 4 2/3, the second at 5 1/3 and 6 2/3.
    off = np.sqrt((10 * (2 / 3) ** 2 + 10 * (10 / 3) ** 2) / 20)
    assert found.out_of_fold_errors == pytest.approx([off, off], abs=1e-9)
    assert found.out_of_fold_r2 == pytest.approx(1 - 40 * off**2 / (1200 - 40 * 25), abs=1e-9)


def oracle(levels, scores, features, ridge):
    """Points by a general optimiser over every answer, with the conditions written out."""
    starts = np.cumsum([0] + [feature.count for feature in features])
    is_in = np.zeros((len(scores), starts[-1]))
    for column, start in enumerate(starts[:-1]):
        is_in[np.arange(len(scores)), start + levels[:, column]] = 1
    conditions = []
    for feature, start in zip(features, starts[:-1], strict=True):
        own = slice(start, start + feature.count)
        shares = is_in[:, own].mean(axis=0)
        conditions.append({"type": "eq", "fun": lambda p, own=own, w=shares: w @ p[own]})
        if feature.direction and feature.ordered_count > 1:
            ordered = slice(start, start + feature.ordered_count)
            conditions.append(
                {"type": "ineq", "fun": lambda p, o=ordered, d=feature.direction: d * np.diff(p[o])}
            )
    mean = scores.mean()

    def loss(points):
        left = scores - mean - is_in @ points
        return (left @ left + ridge * points @ points) / len(scores)

    def slope(points):
        return 2 * (ridge * points - is_in.T @ (scores - mean - is_in @ points)) / len(scores)

    found = minimize(
        loss, np.zeros(starts[-1]), jac=slope, method="SLSQP", constraints=conditions,
        options={"maxiter": 2000, "ftol": 1e-14},
    )  # fmt: skip
    assert found.success, found.message
    return mean + is_in @ found.x, len(scores) * loss(found.x)


@pytest.mark.parametrize("seed", range(12))
def test_predictions_are_those_of_an_optimiser_over_single_answers(seed):
    rng = np.random.default_rng(seed)
    features = [Levels(5, 4, 1), Levels(4, 4, -1), Levels(3), Levels(1), Levels(3, 2, 0)]
    levels = np.column_stack([rng.integers(0, feature.count, 150) for feature in features])
    # Half of the effects go against the direction, so that some bounds hold.
    effects = [rng.normal(0, 1.5, feature.count) for feature in features]
    scores = 5 + sum(effect[levels[:, at]] for at, effect in enumerate(effects))
    scores = scores + rng.normal(0, 1, 150)
    cells = of_answers(levels, rng.integers(0, 4, 150), scores)
    found = fit_scorecard(cells, features, np.zeros(16), RIDGE)
    expected, least = oracle(levels, scores, features, RIDGE)
    mine = predictions(levels, features, found)
    assert mine == pytest.approx(expected, abs=2e-4)
    own_loss = ((scores - mine) ** 2).sum() + RIDGE * (found.points**2).sum()
    assert own_loss <= least + 1e-6


FEATURE = st.tuples(st.integers(1, 6), st.sampled_from([-1, 0, 1]), st.booleans())


@given(
    shapes=st.lists(FEATURE, min_size=1, max_size=4),
    seed=st.integers(0, 2**32 - 1),
    size=st.integers(2, 80),
    ridge=st.floats(0.01, 500),
)
@settings(max_examples=200, deadline=None)
def test_directions_hold_and_points_have_no_mean_whatever_the_answers(shapes, seed, size, ridge):
    rng = np.random.default_rng(seed)
    features = [
        Levels(count + has_unknown, count, direction) for count, direction, has_unknown in shapes
    ]
    levels = np.column_stack([rng.integers(0, feature.count, size) for feature in features])
    groups = np.arange(size) % 2
    scores = rng.integers(0, 11, size).astype(float)
    customers = rng.integers(0, 50, sum(feature.count for feature in features)).astype(float)
    found = fit_scorecard(of_answers(levels, groups, scores), features, customers, ridge)
    start = 0
    for feature in features:
        own = slice(start, start + feature.count)
        ordered = np.round(found.points[start : start + feature.ordered_count], 4)
        assert not feature.direction or (feature.direction * np.diff(ordered) >= 0).all()
        weights = customers[own] if customers[own].any() else found.answer_counts[own]
        assert weights @ found.points[own] == pytest.approx(0, abs=1e-6 * weights.sum())
        start += feature.count
    assert np.isfinite(found.points).all() and np.isfinite(found.intercept)
    assert np.isnan(found.standard_errors).tolist() == (found.answer_counts == 0).tolist()


def test_answers_summed_to_cells_give_what_single_answers_give():
    rng = np.random.default_rng(3)
    features = [Levels(3, 3, 1), Levels(2)]
    levels = np.column_stack([rng.integers(0, 3, 500), rng.integers(0, 2, 500)])
    groups, scores = rng.integers(0, 5, 500), rng.integers(0, 11, 500).astype(float)
    single = fit_scorecard(of_answers(levels, groups, scores), features, np.zeros(5), RIDGE)
    keys, of = np.unique(np.column_stack([levels, groups]), axis=0, return_inverse=True)
    sums = [np.bincount(of.ravel(), values) for values in (np.ones(500), scores, scores**2)]
    summed = fit_scorecard(Cells(keys[:, :2], keys[:, 2], *sums), features, np.zeros(5), RIDGE)
    for name in vars(single):
        assert getattr(summed, name) == pytest.approx(getattr(single, name), abs=1e-9)


def test_a_level_of_few_answers_is_shrunk_and_one_of_none_is_at_the_answers_mean():
    levels = np.repeat([0, 1], [400, 4])[:, None]
    scores = np.repeat([6.0, 9.0], [400, 4])
    cells = of_answers(levels, np.arange(404) % 4, scores)
    found = fit_scorecard(cells, [Levels(3)], np.zeros(3), RIDGE)
    assert 0.2 < found.points[1] - found.points[0] < 1  # of 3 points apart
    assert found.intercept == pytest.approx(scores.mean())
    assert found.points[2] == pytest.approx(0, abs=1e-9)
    assert np.isnan(found.standard_errors[2]) and np.isnan(found.out_of_fold_errors[2])


def test_standard_errors_are_those_of_repeated_samples():
    rng = np.random.default_rng(11)
    truth, errors, points = np.array([-0.8, 0.0, 0.8]), [], []
    for _ in range(150):
        person = np.repeat(rng.normal(0, 1, 400), 3)  # who answered three times
        level = rng.integers(0, 3, 1200)
        scores = 5 + truth[level] + person + rng.normal(0, 1, 1200)
        cells = of_answers(level[:, None], np.repeat(np.arange(400) % 16, 3), scores)
        found = fit_scorecard(cells, [Levels(3, 3, 1)], np.zeros(3), RIDGE)
        points.append([found.intercept, *found.points])
        errors.append([found.intercept_standard_error, *found.standard_errors])
    spread = np.std(points, axis=0)
    assert np.sqrt(np.mean(np.square(errors), axis=0)) == pytest.approx(spread, rel=0.2)


def shares_told(levels, groups, scores, features):
    """Out of fold by the scorecard, and by the better booster of scikit-learn on the same bands."""
    customers = np.zeros(sum(feature.count for feature in features))
    found = fit_scorecard(of_answers(levels, groups, scores), features, customers, RIDGE)
    boosters = (
        GradientBoostingRegressor(random_state=0),
        HistGradientBoostingRegressor(max_iter=100, learning_rate=0.05, random_state=0),
    )
    folds = GroupKFold(5)
    with threadpool_limits(1):  # more threads than cores take minutes
        return found.out_of_fold_r2, max(
            r2_score(scores, cross_val_predict(model, levels, scores, groups=groups, cv=folds))
            for model in boosters
        )


def made_up(seed: int, together: float):
    """Bands with an effect each; `together` times a point where two of them are bad at once."""
    rng = np.random.default_rng(seed)
    features = [Levels(6, 6, 1), Levels(4, 4, -1), Levels(3, 3, -1), Levels(8)]
    levels = np.column_stack([rng.integers(0, feature.count, 6000) for feature in features])
    scores = (
        6
        + 0.4 * (levels[:, 0] - 2.5)
        - 0.3 * levels[:, 1]
        - 0.4 * levels[:, 2]
        + rng.normal(0, 0.2, 8)[levels[:, 3]]
        - together * ((levels[:, 0] < 2) & (levels[:, 2] == 2))
        + rng.normal(0, 1.2, 6000)
    )
    return levels, rng.integers(0, 16, 6000), np.clip(np.round(scores), 0, 10), features


@pytest.mark.parametrize("together", [0, 1])
def test_it_tells_at_least_nine_tenths_of_what_gradient_boosting_tells(together):
    mine, theirs = shares_told(*made_up(1, together))
    assert theirs > 0.2
    assert mine >= 0.9 * theirs


def test_what_two_features_do_only_together_it_does_not_see():
    """The price of points that add up, which boosting does not pay."""
    rng = np.random.default_rng(5)
    levels = rng.integers(0, 2, (4000, 2))
    scores = 5 + 2 * (levels[:, 0] ^ levels[:, 1]) + rng.normal(0, 1, 4000)
    mine, theirs = shares_told(levels, rng.integers(0, 16, 4000), scores, [Levels(2), Levels(2)])
    assert mine < 0.02 < 0.4 < theirs
