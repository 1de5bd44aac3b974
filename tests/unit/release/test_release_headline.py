import duckdb
from fake_candidate import AS_OF

from saydo.release import headline, publish, release_dir


def test_three_figures_each_reproduced_by_its_one_line_of_sql(candidate):
    release_id = publish(candidate, AS_OF)["release_id"]
    figures = headline(candidate, release_id)
    assert [(f.label, f.value) for f in figures] == [
        ("Customers", "40, of whom 30 active"),
        ("Monthly recurring revenue", "1,025.00 GBP"),
        ("Mean satisfaction, March 2025", "4.83 of 10, from 40 customers"),
    ]
    file = str(release_dir(candidate, release_id) / "marts.duckdb")
    with duckdb.connect(file, read_only=True) as connection:
        rows = [connection.execute(figure.sql).fetchall() for figure in figures]
    assert rows[0] == [(40, 30)] and float(rows[1][0][0]) == 1025.0 and len(rows[2]) == 1
    assert all("\n" not in figure.sql for figure in figures)


def test_a_business_without_answers_or_revenue_has_headlines_too(candidate, change):
    change(
        "update marts.customer_months set satisfaction_score = null; "
        "update marts.customer_profiles set monthly_recurring_revenue = null, currency_code = null"
    )
    release_id = publish(candidate, AS_OF)["release_id"]
    values = [figure.value for figure in headline(candidate, release_id)]
    assert values == ["40, of whom 30 active", "0.00", "no answer yet"]
