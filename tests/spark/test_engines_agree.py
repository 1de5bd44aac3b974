"""What the macros make of the same rows on DuckDB and on Spark is the same, to the last bit."""

from __future__ import annotations

import duckdb
import pyarrow.parquet as pq
import pytest
from made_up_rows import made_up_rows

from saydo.build.arithmetic import in_doubles
from tests.warehouse.rendered_macros import rendered_macros

FILES = (
    "engine/arithmetic.sql", "engine/types.sql", "engine/spark.sql", "time/as_of.sql",
    "time/business_time.sql", "identity/span_dates.sql", "experience/kpi_score.sql",
    "experience/day_set.sql", "measures/part_of_duration.sql", "operations/ratio.sql",
)  # fmt: skip
ZONES = ("UTC", "Europe/London", "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Apia")
KPIS = (
    "m / n", "m / n / 60", "coalesce(m / n, 5)", "10 * (m - n) / (m + n)", "m / -n", "1 / (n - n)",
    "sqrt(n)", "coalesce(sqrt(n), ln(n))", "greatest(m, n) / least(abs(n), 3)", "nullif(n, 0) * 0.1",
    "m * m * m * m * m * m * m * m * m * m * m * m * m * m * m * m * m * m * m * m * m",
)  # fmt: skip


@pytest.fixture(scope="module")
def both(spark, tmp_path_factory):
    """Runs the same select, told as macros to text, on both engines."""
    file = tmp_path_factory.mktemp("rows") / "rows.parquet"
    pq.write_table(made_up_rows(), file)
    spark.read.parquet(str(file)).createOrReplaceTempView("told")
    with duckdb.connect() as db:
        db.execute(f"create view told as from read_parquet('{file}')")

        def run(select, where="true", **variables):
            found = []
            for engine in ("duckdb", "spark"):
                parts = select(rendered_macros(engine, *FILES, **variables))
                texts = [f"cast({part} as {'varchar' if engine == 'duckdb' else 'string'})"
                         if as_text else part for part, as_text in parts]  # fmt: skip
                sql = f"select {', '.join(texts)} from told where {where}"
                rows = db.execute(sql).fetchall() if engine == "duckdb" else spark.sql(sql).collect()
                found.append(sorted(map(tuple, rows), key=repr))
            return found

        yield run


def same(found) -> bool:
    left, right = found
    assert left, "no rows"
    different = [(a, b) for a, b in zip(left, right, strict=True) if repr(a) != repr(b)]
    assert different[:5] == []
    return True


@pytest.mark.parametrize(("digits", "precision", "limit"), [
    (0, 9, "499999999"), (2, 18, "9999999999999999.99"), (4, 9, "99999.9999"), (4, 9, "99999"),
    (6, 18, "999999999999.999999"), (9, 18, "999999999"), (12, 18, "999999"), (6, 38, "1" + "0" * 20),
])  # fmt: skip
def test_doubles_are_rounded_alike(both, digits, precision, limit):
    assert same(both(lambda m: [("x", 0), (m.rounded("x", digits, precision, limit), 1)]))


def test_quotients_are_alike(both):
    assert same(both(lambda m: [
        ("w", 1), (m.quotient(m.nearest_double("w"), "n"), 0), (m.quotient("m", "n"), 0),
        (m.nearest_double("b"), 0), (m.nearest_double("k"), 0), (m.ratio("n", "m"), 1),
    ], "m = 0 or abs(cast(n as double) / cast(nullif(m, 0) as double)) < 99999"))  # fmt: skip


def test_decimals_are_rounded_and_cast_alike(both):
    assert same(both(lambda m: [
        ("b", 1), (m.money("b"), 1), (m.number("w"), 1), (m.exact_number("b"), 1), (m.price("b"), 1),
        (m.product("m", 6, "n", 6), 1), (m.whole("round(n)"), 0), (m.money("m"), 1),
        (m.missing_percent(f"cast({m.at_most('m', '1')} as decimal(9, 4))"), 0),
        (m.whole_quotient("abs(k)", "(cast(part as decimal(38, 0)) + 1)"), 1),
    ]))  # fmt: skip


@pytest.mark.parametrize("expression", KPIS)
def test_a_users_arithmetic_is_alike(both, expression):
    kpis = [{"name": "made", "expression": in_doubles(expression), "good": 0.1, "poor": 3.7,
             "weight": 1.5}]  # fmt: skip

    def select(m):
        value = f"({m.kpi_values().strip().removeprefix(',').rsplit(' as ', 1)[0]})"
        score = m.kpi_scores().strip().removeprefix(",").rsplit(" as ", 1)[0]
        return [(value, 1), (score[score.index("case") :], 0)]

    assert same(both(select, kpis=kpis))


def test_days_and_months_are_counted_alike(both):
    assert same(both(lambda m: [
        ("begun", 0), ("till", 0), ("day", 0), ("begun", 1), ("day", 1),
        (m.dbt.datediff("begun", "till", "day"), 0), (m.dbt.datediff("day", "till", "month"), 0),
        (m.dbt.datediff("begun", "till", "microsecond"), 0),
        (f"cast({m.dbt.dateadd('month', 'months', 'day')} as date)", 0),
        (m.dbt.dateadd("day", "months", "begun"), 0), (m.dbt.dateadd("month", "months", "begun"), 0),
    ], "year(day) between 10 and 9900 and year(begun) between 10 and 9900"))  # fmt: skip


@pytest.mark.parametrize("zone", ZONES)
def test_days_of_the_business_are_alike(both, zone):
    assert same(both(lambda m: [
        ("begun", 0), (m.business_time("begun"), 0), (m.business_date("begun"), 0),
        (m.start_of_day("day"), 0), (m.span_from_date("begun"), 0), (m.span_to_date("till"), 0),
    ], "year(begun) between 2 and 9998 and year(till) between 2 and 9998 and year(day) > 2",
        business_timezone=zone))  # fmt: skip
    bounds = "(begun = timestamp '0001-01-01 00:00:00' or begun = timestamp '9999-12-30 00:00:00')"
    assert same(both(lambda m: [
        (m.span_from_date(m.beginning_of_time()), 0), (m.span_to_date(m.end_of_time()), 0),
    ], bounds, business_timezone=zone))  # fmt: skip


def test_lists_and_sets_of_days_are_alike(both):
    assert same(both(lambda m: [
        (m.dbt.listagg("name", "', '", "order by name"), 0),
        (m.dbt.listagg("name", "', '", "order by name", 3), 0),
        (m.day_set("day"), 0), (m.count_days(m.day_set("day")), 0),
    ], "name is not null group by part"))  # fmt: skip
