from datetime import date

import duckdb
from fake_candidate import AS_OF

from saydo.metrics import definitions
from saydo.release import HEADLINE_SQL, headline, publish, release_dir


def test_every_metric_is_told_as_it_stands_last_and_one_line_of_sql_gives_them_all(candidate):
    release_id = publish(candidate, AS_OF)["release_id"]
    figures = headline(candidate, release_id)
    assert [f.label for f in figures] == [metric.label for metric in definitions()]
    told = {f.label: ", ".join(filter(None, (f.value, f.note))) for f in figures if f.day == AS_OF}
    assert told == {
        "Customers": "40",
        "Active customers": "30",
        "Monthly recurring revenue": "1,025.00 GBP",
        "Net revenue retention": "101.2%",
        "Net promoter score": "-12.3 points, standard error 5.7, from 38 answers",
        "Mean satisfaction": "4.83 of 10, standard error 0.12, from 40 answers",
        "Experience score": "71.2 of 100",
    }
    assert "\n" not in HEADLINE_SQL
    file = str(release_dir(candidate, release_id) / "marts.duckdb")
    with duckdb.connect(file, read_only=True) as connection:
        assert len(connection.execute(HEADLINE_SQL).fetchall()) == len(told)


def test_a_metric_that_is_not_known_now_is_told_of_the_day_it_was_known(candidate, change):
    change("delete from marts.metrics_daily where metric_code = 'nps' and day_date > '2025-03-01'")
    figures = headline(candidate, publish(candidate, AS_OF)["release_id"])
    days = {figure.label: figure.day for figure in figures}
    assert days["Net promoter score"] == date(2025, 2, 28)
    assert days["Customer churn"] is None
    assert {f.value for f in figures if f.day is None} == {"not known yet"}


def test_a_release_of_before_there_were_metrics_has_headlines_too(candidate, change):
    change("drop table marts.metrics_daily")
    figures = headline(candidate, publish(candidate, AS_OF)["release_id"])
    assert {figure.value for figure in figures} == {"not known yet"}
