"""Services that follow others and offers made by chance are planted on request, and told."""

from __future__ import annotations

import pytest
from delivered_tables import hashes, read_tables, read_truth

from saydo.errors import ConfigError
from saydo.simulate import simulate

SMALL = {"customers": 1500, "months": 7, "seed": 3}


@pytest.fixture(scope="module")
def landing(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recommended") / "landing"
    simulate(folder, **SMALL, changes=True)
    return folder


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plain") / "landing"
    simulate(folder, **SMALL)
    return folder


@pytest.fixture(scope="module")
def tables(landing):
    tables = read_tables(landing)
    tables.execute(
        """
        create temp table had as
        select distinct id_value as account_id, product_code from subscriptions
        """
    )
    return tables


def test_who_has_one_service_takes_the_one_that_goes_with_it_far_more_often(tables, landing):
    truth = read_truth(landing)["changes"]
    rates = []
    for held, follows in truth["follows"].items():
        rates.append(
            tables.execute(
                """
                select avg(followed::int) filter (has), avg(followed::int) filter (not has)
                from (
                    select bool_or(product_code = ?) as has, bool_or(product_code = ?) as followed
                    from had group by account_id
                )
                """,
                [held, follows],
            ).fetchone()
        )
    assert len(rates) == 6 and all(with_it > 4 * without for with_it, without in rates)


def test_offers_are_shown_with_the_chances_that_the_truth_tells(tables, landing):
    truth = read_truth(landing)["changes"]
    shown = dict(
        tables.execute(
            "select variant_code, count(*) from experiment_assignments "
            "where experiment_code = ? group by 1",
            [truth["experiment_code"]],
        ).fetchall()
    )
    shares = truth["planned_shares"]
    assert shown.keys() == shares.keys() and sum(shares.values()) == pytest.approx(1)
    total = sum(shown.values())
    assert 0.25 * SMALL["customers"] < total < 0.45 * SMALL["customers"]
    for name, share in shares.items():
        assert abs(shown[name] - share * total) < 4 * (total * share * (1 - share)) ** 0.5


def test_what_goes_with_what_they_have_is_taken_when_shown_and_hardly_anything_else(
    tables, landing
):
    truth = read_truth(landing)["changes"]
    goes_with = {follows: held for held, follows in truth["follows"].items()}
    tables.execute("create temp table goes (held varchar, follows varchar)")
    tables.executemany("insert into goes values (?, ?)", [(h, f) for f, h in goes_with.items()])
    fitting, other = tables.execute(
        """
        with shown as (
            select id_value, follows, id_value in (
                select account_id from had where product_code = held
            ) as fits, exists (
                select * from subscriptions
                where subscriptions.id_value = assigned.id_value
                    and product_code = follows and started_at >= assigned_at
            ) as taken
            from experiment_assignments as assigned inner join goes on variant_code = follows
        )
        select avg(taken::int) filter (fits), avg(taken::int) filter (not fits) from shown
        """
    ).fetchone()
    assert fitting > 0.25 and other < 0.08


def left_after(tables, sign):
    """Share of the accounts of which a subscription ended so that left within 60 days after it."""
    return tables.execute(
        """
        with signs as (
            select id_value, min(ended_at) as seen_at from subscriptions
            where end_reason_code = ? group by id_value
        )
        select avg(exists (
            select * from subscriptions
            where subscriptions.id_value = signs.id_value and ended_at > seen_at
                and ended_at < seen_at + interval 60 day
                and end_reason_code in ('switched', 'price', 'network', 'moved', 'non_payment')
        )::int) from signs
        """,
        [sign],
    ).fetchone()[0]


@pytest.mark.parametrize("sign", ["tariff_change", "not_needed"])
def test_who_gives_a_sign_leaves_far_more_often_than_without_the_option(tables, plain, sign):
    assert left_after(tables, sign) > left_after(read_tables(plain), sign) + 0.1


def test_without_the_option_nothing_is_planted_and_before_it_all_stays_the_same(
    landing, plain, tmp_path
):
    assert "changes" not in read_truth(plain)
    before, planted = hashes(plain), hashes(landing)
    assert before.keys() == planted.keys()
    changed = {name for name in before if before[name] != planted[name]}
    first_month = {name for name in before if "usage_2025-06" in name}
    assert first_month and not first_month & changed
    with pytest.raises(ConfigError, match=r"changes .* take 7 at least"):
        simulate(tmp_path / "other", customers=60, months=6, seed=3, changes=True)
