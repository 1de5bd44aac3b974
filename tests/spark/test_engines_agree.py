"""What the macros make of the same rows on DuckDB and on Spark is the same, to the last bit."""

from __future__ import annotations

import duckdb
import pyarrow.parquet as pq
import pytest
from made_up_rows import made_up_rows

from saydo.build.arithmetic import in_doubles
from tests.warehouse.rendered_macros import TEXT_TYPES, rendered_macros

FILES = (
    "engine/arithmetic.sql", "engine/types.sql", "engine/spark.sql", "time/as_of.sql",
    "time/business_time.sql", "identity/span_dates.sql", "experience/kpi_score.sql",
    "experience/day_set.sql", "measures/part_of_duration.sql", "operations/ratio.sql",
    "revenue/monthly_price.sql",
)  # fmt: skip
ZONES = ("UTC", "Europe/London", "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Apia")
KPIS = (
    "m / n", "m / n / 60", "coalesce(m / n, 5)", "10 * (m - n) / (m + n)", "m / -n", "1 / (n - n)",
    "sqrt(n)", "coalesce(sqrt(n), ln(0 * n))", "greatest(m, n) / least(abs(n), 3)",
    "nullif(n, 0) * 0.1", " * ".join(["m"] * 40),
)  # fmt: skip
# Digits, precision and limit of every way in which a model rounds a double.
ROUNDINGS = (
    (0, 9, "499999999"), (2, 18, "9999999999999999.99"), (4, 9, "99999.9999"), (4, 9, "99999"),
    (6, 18, "999999999999.999999"), (9, 18, "999999999"), (12, 18, "999999"),
    (6, 38, "1" + 20 * "0"),
)  # fmt: skip
IN_THE_CALENDAR = " and ".join(
    f"year({day}) between 3 and 9998" for day in ("begun", "till", "day")
)
SCORES = {
    "duckdb": "(select number * 1e-4 as score from range(0, 100001) as made (number)) as scores",
    "spark": "(select id * 1e-4 as score from range(0, 100001)) as scores",
}


@pytest.fixture(scope="module")
def differences(spark, tmp_path_factory):
    """Runs a select list, made of the macros of an engine, on both; the first rows that differ."""
    file = tmp_path_factory.mktemp("rows") / "rows.parquet"
    pq.write_table(made_up_rows(), file)
    spark.read.parquet(str(file)).createOrReplaceTempView("told")
    with duckdb.connect() as db:
        db.execute(f"create view told as from read_parquet('{file}')")
        run = {
            "duckdb": lambda sql: db.execute(sql).fetchall(),
            "spark": lambda sql: [tuple(row) for row in spark.sql(sql).collect()],
        }

        def compare(select, after="", relations=None, **variables) -> list[tuple]:
            found = []
            for engine, rows_of in run.items():
                columns = ", ".join(select(rendered_macros(engine, *FILES, **variables)))
                relation = (relations or {}).get(engine, "told")
                rows = rows_of(f"select {columns} from {relation} {after}")
                found.append(sorted(map(repr, rows)))
            assert found[0]
            return [pair for pair in zip(*found, strict=True) if pair[0] != pair[1]][:5]

        yield compare


def text(macros, expression: str) -> str:
    """A decimal with its scale, an instant with its fraction: text shows them."""
    return f"cast({expression} as {TEXT_TYPES['spark' if macros.dbt.is_spark else 'duckdb']})"


@pytest.mark.parametrize(("digits", "precision", "limit"), ROUNDINGS)
def test_doubles_are_rounded_alike(differences, digits, precision, limit):
    def select(m):
        return ["x", text(m, m.rounded("x", digits, precision, limit))]

    assert differences(select) == []


def test_quotients_are_alike(differences):
    def select(m):
        large = [m.nearest_double(column) for column in ("w", "b", "k")]
        return [*large, m.quotient(large[0], "n"), m.quotient("m", "n"), m.quotient("n", "part")]

    assert differences(select) == []


def test_decimals_are_rounded_and_multiplied_alike(differences):
    def select(m):
        ratio = f"cast({m.at_most('m', '1')} as decimal(9, 4))"
        quotient = m.whole_quotient("abs(k)", "(cast(part as decimal(38, 0)) + 1)")
        figures = [
            m.money("b"), m.money("m"), m.number("w"), m.exact_number("b"), m.price("b"), quotient,
            m.product("m", 6, "n", 6), m.whole("round(n)"), m.missing_percent(ratio),
        ]  # fmt: skip
        return [text(m, figure) for figure in ["b", "w", "k", *figures]]

    assert differences(select) == []


def test_prices_and_parts_of_durations_are_alike(differences):
    subscriptions = (
        "(select m as recurring_amount, part as interval_count, abs(n) as rate, begun, "
        "case part % 5 when 0 then 'day' when 1 then 'week' when 2 then 'month' "
        "when 3 then 'quarter' else 'year' end as billing_interval from told) as told"
    )

    def select(m):
        until = m.dbt.dateadd("day", "interval_count", "begun")
        ended = m.dbt.dateadd("day", "interval_count + 1", "begun")
        part = m.part_of_duration("abs(recurring_amount)", "begun", ended, "begun", until)
        return [text(m, m.monthly_price("told", "told.rate")), text(m, part)]

    relations = dict.fromkeys(("duckdb", "spark"), subscriptions)
    assert differences(select, "where year(begun) < 9990", relations) == []


@pytest.mark.parametrize("expression", KPIS)
def test_a_users_arithmetic_is_alike(differences, expression):
    kpi = {"name": "made", "expression": in_doubles(expression), "weight": 1.5}

    def select(m):
        value = m.kpi_values().strip().removeprefix(",").removesuffix(" as kpi_made")
        score = m.kpi_scores().strip().removeprefix(",")
        return [text(m, value), score]

    assert differences(select, kpis=[kpi | {"good": 0.1, "poor": 3.7}]) == []


@pytest.mark.parametrize("tilt", [0.4, 0.8])
def test_the_odds_of_an_answer_are_alike_for_every_score(differences, tilt):
    """Engines differ in the last bit of exp, and so could in the eighth digit: not at these."""

    def select(m):
        return ["score", m.rounded(f"exp(-{tilt} * (score - 5))", 8)]

    assert differences(select, relations=SCORES) == []


def test_days_and_months_are_counted_alike(differences):
    def select(m):
        return [
            "begun", "till", "day", text(m, "begun"), text(m, "day"),
            m.dbt.datediff("begun", "till", "day"), m.dbt.datediff("day", "till", "month"),
            m.dbt.datediff("begun", "till", "microsecond"), m.dbt.dateadd("day", "months", "begun"),
            m.dbt.dateadd("month", "months", "begun"), m.dbt.dateadd("month", "months", "day"),
        ]  # fmt: skip

    assert differences(select, "where year(day) between 5 and 9990 and " + IN_THE_CALENDAR) == []


@pytest.mark.parametrize("zone", ZONES)
def test_days_of_the_business_are_alike(differences, zone):
    def select(m):
        return [
            "begun", m.business_time("begun"), m.business_date("begun"), m.start_of_day("day"),
            m.span_from_date("begun"), m.span_to_date("till"),
            m.span_from_date(m.beginning_of_time()), m.span_to_date(m.end_of_time()),
        ]  # fmt: skip

    after = f"where {IN_THE_CALENDAR}"
    assert differences(select, after, business_timezone=zone) == []


def test_lists_and_sets_of_days_are_alike(differences):
    def select(m):
        return [
            m.dbt.listagg("name", "', '", "order by name"),
            m.dbt.listagg("'of:' || name", "', '", "order by name", 3),
            m.day_set("day"), m.count_days(m.day_set("day")),
        ]  # fmt: skip

    assert differences(select, "where name is not null group by part") == []
