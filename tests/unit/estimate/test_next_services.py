"""What goes with what, what is offered, and whether that would have been right."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from saydo.config import Policy
from saydo.config.experiments import ExperimentsPolicy
from saydo.config.policy import NextServicesPolicy
from saydo.estimate.intervals import newcombe_paired
from saydo.estimate.next_best_services import NEXT_BEST_SERVICES, PATTERNS, PRICES
from saydo.estimate.recommendation_readouts import RECOMMENDATION_READOUTS, SHOWN
from saydo.estimate.services import Patterns, associate, off_policy, patterns, shrunk

DAY = date(2025, 12, 31)
ORIGINS = {1: date(2025, 7, 4), 2: date(2025, 10, 2), 3: DAY}
BASKETS = ("tv net", "tv net mob", "net", "mob", "tv mob", "net mob", "tv net", "net", "mob",
           "tv net mob")  # fmt: skip
TV, NET, MOB = range(3)


def golden(prior):
    has = np.array([[code in basket.split() for code in ("tv", "net", "mob")]
                    for basket in BASKETS])  # fmt: skip
    of = associate(Patterns(("tv", "net", "mob"), np.ones(10), has, np.ones_like(has), has))
    return shrunk(of, prior), of.base


def test_confidence_and_lift_are_those_of_the_baskets():
    confidence, base = golden(prior=0)
    assert confidence[TV, NET] == pytest.approx(0.8)
    assert confidence[TV, NET] / base[NET] == pytest.approx(1.142857, abs=1e-6)
    assert confidence[NET, MOB] == pytest.approx(0.428571, abs=1e-6)
    assert confidence[NET, MOB] / base[MOB] == pytest.approx(0.714286, abs=1e-6)


def test_few_customers_are_drawn_to_what_all_do():
    assert golden(prior=5)[0][TV, NET] == pytest.approx((4 + 5 * 0.7) / (5 + 5))
    assert golden(prior=1e9)[0][TV, NET] == pytest.approx(0.7)


def test_what_another_way_to_recommend_had_earned_is_told_from_logged_chances():
    logged = np.array([0.5, 0.5, 0.25, 0.5, 0.25, 0.5, 0.25, 0.25])
    rewards = np.array([1, 0, 1, 1, 0, 0, 1, 0])
    target = np.array([1, 0, 1, 0, 1, 1, 0, 0])
    assert off_policy(rewards, logged, target) == pytest.approx((0.75, 0.5, 3.6))
    assert np.isnan(off_policy(rewards, logged, 0 * target)[1])
    with pytest.raises(ValueError, match="log that chance"):
        off_policy(rewards, 0 * logged, target)


def row(origin, held, taken="", count=100, cancelled=""):
    return {"origin_number": origin, "origin_date": ORIGINS[origin], "held_codes": held,
            "cancelled_codes": cancelled, "taken_codes": taken,
            "customer_count": count}  # fmt: skip


SHOWN_SCHEMA = pa.schema(
    [(name, pa.string())
     for name in ("experiment_code", "held_codes", "cancelled_codes", "product_code")]
    + [(name, pa.int64()) for name in ("customer_count", "taken_count")]
)  # fmt: skip


def sums(*rows, shown=()):
    prices = {"cloud": "3", "net": "30", "tv": "8"}
    return {
        PATTERNS: pa.Table.from_pylist(list(rows)),
        SHOWN: pa.Table.from_pylist(list(shown), SHOWN_SCHEMA),
        PRICES: pa.Table.from_pylist(
            [{"product_code": c, "monthly_price": Decimal(p)} for c, p in prices.items()]
        ),
    }


# Who has the network takes television, and who has television the cloud.
LIVED = [
    ("net", "tv", 40), ("net", "", 60), ("tv", "cloud", 30), ("tv", "net", 2), ("tv", "", 68),
]  # fmt: skip


def run(estimator, *rows, prior=10):
    policy = Policy(next_services=NextServicesPolicy(prior_customers=prior))
    return estimator.run(sums(*rows), policy, DAY).table.to_pylist()


def test_the_most_expected_revenue_is_offered_first_with_its_reason():
    rows = run(NEXT_BEST_SERVICES, *[row(2, *of) for of in LIVED], row(3, "tv"), row(3, "net|tv"))
    of_tv = [(r["product_code"], r["rank"]) for r in rows if r["held_codes"] == "tv"]
    assert of_tv == [("cloud", 1), ("net", 2)]
    first, second = rows[:2]
    assert first["probability"] == pytest.approx((30 + 10 * 30 / 200) / 110)
    assert second["probability"] * 30 < first["probability"] * 3
    assert first["reason"] == (
        "Of 100 customers with tv, 30 took cloud within 90 days; of 100 customers in all, 15.0."
    )
    assert first["evidence_count"] == 100


def test_what_is_held_or_was_cancelled_for_a_reason_is_never_offered():
    asked = [row(3, "tv", cancelled="cloud"), row(3, "cloud|net|tv")]
    rows = run(NEXT_BEST_SERVICES, *[row(2, *of) for of in LIVED], *asked)
    assert [(r["held_codes"], r["product_code"]) for r in rows] == [("tv", "net")]


def test_what_was_offered_is_held_against_what_was_taken_beside_the_most_popular():
    later = [row(2, "net", "tv", 5), row(2, "tv", "cloud", 4), row(2, "net", "", 90),
             row(2, "cloud|net", "tv", 1), row(2, "tv", "cloud|net", 2)]  # fmt: skip
    told = run(RECOMMENDATION_READOUTS, *[row(1, *of) for of in LIVED], *later)
    assert [r["method"] for r in told] == ["expected_revenue", "probability"]
    for one in told:
        assert (one["customer_count"], one["hit_count"]) == (12, 12)
        assert one["popularity_hit_rate_at_3"] == 1 == one["hit_rate_at_3"]
        assert (one["new_service_count"], one["recommended_share_of_new"]) == (14, 1)
        assert one["period_start_date"] == ORIGINS[2] and one["period_end_date"] == DAY
        assert one["hit_difference"] == 0 > one["difference_ci_low"]
        assert one["off_policy_value"] is None


def test_of_more_services_than_three_those_that_follow_are_found_and_the_popular_are_not():
    fitted = [row(1, "a", "b", 30), row(1, "a", "", 70)]
    fitted += [row(1, "x", code, 40) for code in ("p", "q", "r")] + [row(1, "x", "", 400)]
    later = [row(2, "a", "b", 10), row(2, "x", "p", 10)]
    policy = Policy(next_services=NextServicesPolicy(prior_customers=10))
    given = sums(*fitted, *later)
    prices = [{"product_code": c, "monthly_price": Decimal(5)} for c in "abpqrx"]
    given[PRICES] = pa.Table.from_pylist(prices)
    told = RECOMMENDATION_READOUTS.run(given, policy, DAY).table.to_pylist()
    assert [r["hit_rate_at_3"] for r in told] == [1, 1]
    assert [r["popularity_hit_rate_at_3"] for r in told] == [0.5, 0.5]
    interval = newcombe_paired(both=10, first=10, second=0, neither=0)
    columns = ("hit_difference", "difference_ci_low", "difference_ci_high")
    assert tuple(told[0][name] for name in columns) == interval and interval[1] > 0.2


def test_the_interval_of_shares_of_the_same_cases_is_the_published_one_and_holds_its_level():
    # Newcombe (1998), Statistics in Medicine 17, 2635-2650: method 10 of 36, 12, 2 and 0.
    assert newcombe_paired(36, 12, 2, 0) == pytest.approx((0.2, 0.0569, 0.3404), abs=5e-5)
    low, high = (-end for end in newcombe_paired(36, 2, 12, 0)[:0:-1])
    assert (low, high) == pytest.approx(newcombe_paired(36, 12, 2, 0)[1:])
    chances = (0.3, 0.2, 0.05, 0.45)
    worlds = np.random.default_rng(1).multinomial(60, chances, 1000)
    ends = np.array([newcombe_paired(*map(int, world))[1:] for world in worlds])
    assert 0.93 < np.mean((ends[:, 0] <= 0.15) & (ends[:, 1] >= 0.15)) <= 0.98


def shown(held, product, customers, taken, experiment="offer"):
    return {"experiment_code": experiment, "held_codes": held, "cancelled_codes": "",
            "product_code": product, "customer_count": customers,
            "taken_count": taken}  # fmt: skip


# The golden showings: tv has half the chance, cloud and net a quarter each; who has the network is
# offered tv first, who has tv the cloud.
LOGGED = [
    shown("net", "tv", 2, 1), shown("tv", "tv", 2, 1), shown("tv", "cloud", 2, 1),
    shown("net", "cloud", 2, 1), shown("net", "control", 9, 0),
]  # fmt: skip
PLANNED = {"tv": 0.4, "cloud": 0.2, "net": 0.2, "control": 0.2}


def judged(showings, named=("offer",), planned=PLANNED):
    policy = Policy(
        next_services=NextServicesPolicy(prior_customers=10, offer_experiments=named),
        experiments=ExperimentsPolicy(planned_shares={"offer": planned} if planned else {}),
    )
    rows = [row(1, *of) for of in LIVED] + [row(2, "net", "tv", 5), row(2, "tv", "cloud", 4)]
    told = RECOMMENDATION_READOUTS.run(sums(*rows, shown=showings), policy, DAY).table.to_pylist()
    first, second = ((r["off_policy_value"], r["effective_count"]) for r in told)
    assert first == second  # price or not, the first offers are the same here
    return first


def test_what_was_shown_by_chance_tells_what_the_first_offers_would_have_earned():
    assert judged(LOGGED) == pytest.approx((0.5, 3.6))
    assert judged(LOGGED, planned=None) == pytest.approx((0.5, 4))  # with equal chances


def test_what_no_experiment_of_offers_showed_or_no_first_offer_is_worth_nothing():
    nothing = (None, None)
    assert judged(LOGGED, named=()) == nothing
    assert judged([shown("net", "cloud", 5, 1)]) == nothing
    assert judged([shown("net", "control", 5, 0)]) == nothing
    assert judged([shown("net", "tv", 5, 5), shown("net", "unplanned", 5, 0)]) == (1, 5)


def test_a_young_business_has_no_offers_and_nothing_to_judge():
    assert run(NEXT_BEST_SERVICES, row(3, "tv")) == []
    assert run(RECOMMENDATION_READOUTS, row(2, "tv", "net"), row(3, "tv")) == []
    assert run(RECOMMENDATION_READOUTS, row(1, "tv"), row(2, "tv")) == []


def test_a_list_of_services_is_read_as_it_was_written():
    of = patterns([row(1, "net|tv", "cloud", 3, cancelled="mob")], ["cloud", "mob", "net", "tv"])
    assert of.held.tolist() == [[False, False, True, True]]
    assert of.eligible.tolist() == [[True, False, False, False]]
    assert of.taken.tolist() == [[True, False, False, False]]
