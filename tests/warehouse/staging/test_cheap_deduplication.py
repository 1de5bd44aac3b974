"""The cheap ways to find the newest row of each key give exactly what ranking every row gives."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

NAIVE = """
select {columns} from (
    select *, row_number() over (
        partition by {keys} order by _batch_sequence desc, _line_number desc, _batch_id desc
    ) as recency
    from read_parquet('{raw}/{source}/batch=*/month=*/data.parquet')
) where recency = 1
"""
USAGE = "id_type, id_key, usage_date, site_code, session_count, _batch_id"
TRANSACTION = "transaction_id, occurred_at, amount, _batch_id"
SESSION = "session_id, started_at, traffic_mb, _batch_id"


@pytest.fixture(scope="module", params=range(2))
def random_home(request, dbt, make_home):
    """Deliveries whose ranges touch, overlap, repeat, leave gaps or hold a single stray day."""
    rng = random.Random(request.param)
    home = make_home(f"random{request.param}")
    first = date(2024, 3, 1)
    for _ in range(12):
        start = rng.randrange(60)
        days = sorted({start + rng.randrange(1 + rng.choice((0, 3, 20))) for _ in range(6)})
        if rng.random() < 0.3:
            days.append(rng.randrange(90))
        keys = [
            (f"n{number}", first + timedelta(days=day), rng.choice(("s1", "s2", None)))
            for day in set(days)
            for number in rng.sample(range(6), 3)
        ]
        home.deliver("network_usage_daily", [
            {"id_type": "msisdn", "id_key": key, "usage_date": day, "site_code": site,
             "session_count": rng.randrange(100)}
            for key, day, site in keys
        ])  # fmt: skip
        home.deliver("transactions", [
            {"transaction_id": f"t{number}", "id_type": "account_id", "id_key": "a",
             "occurred_at": f"{first + timedelta(days=rng.choice(days))} 10:00:00",
             "transaction_type": "charge", "amount": rng.randrange(100), "currency": "EUR"}
            for number in rng.sample(range(60), 12)
        ])  # fmt: skip
        home.deliver("network_sessions", [
            {"session_id": f"s{number}", "id_type": "account_id", "id_key": "a",
             "started_at": f"{first + timedelta(days=rng.choice(days))} 10:00:00",
             "traffic_mb": rng.randrange(100)}
            for number in rng.sample(range(60), 12)
        ])  # fmt: skip
    dbt.build_models(
        home, "+stg_network__usage_daily", "+stg_transactions__transactions",
        "+stg_network__sessions",
    )  # fmt: skip
    return home


@pytest.mark.parametrize(
    ("source", "model", "keys", "columns"),
    [
        ("network_usage_daily", "stg_network__usage_daily",
         "id_type, id_key, usage_date, site_code", USAGE),
        ("transactions", "stg_transactions__transactions", "transaction_id", TRANSACTION),
        ("network_sessions", "stg_network__sessions", "session_id", SESSION),
    ],
)  # fmt: skip
def test_it_equals_ranking_every_row(random_home, source, model, keys, columns):
    raw = random_home.root / "raw"
    naive = NAIVE.format(columns=columns, keys=keys, raw=raw, source=source)
    expected = random_home.rows(f"{naive} order by all")
    assert random_home.rows(f"select {columns} from staging.{model} order by all") == expected
    delivered = random_home.rows(f"select count(*) as n from read_parquet('{raw}/{source}/*/*/*')")
    assert len(expected) < delivered[0]["n"], "the deliveries must repeat keys"
