"""Two kept releases are compared figure by figure, and `saydo releases diff` prints it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import duckdb
import pytest
from fake_candidate import AS_OF, audit, build_candidate
from typer.testing import CliRunner

from saydo.cli.app import app, out
from saydo.errors import ConfigError
from saydo.release import compare_releases, publish, release_dir

FIRST = """
    ('customer_months', 'revenue', 'all', '2025-01', date '2025-01-01', 100),
    ('customer_months', 'revenue', 'all', '2025-02', date '2025-02-01', 70),
    ('customer_months', 'revenue', 'all', '2025-03', date '2025-03-01', 40),
    ('customer_months', 'satisfaction_score', 'all', '2025-01', date '2025-01-01', null),
    ('customer_profiles', 'customer_count', 'all', '2025-03-30', null, 40)
"""
SECOND = """
    ('customer_months', 'revenue', 'all', '2025-01', date '2025-01-01', 112.5),
    ('customer_months', 'revenue', 'all', '2025-02', date '2025-02-01', 70),
    ('customer_months', 'revenue', 'all', '2025-03', date '2025-03-01', 50),
    ('customer_months', 'satisfaction_score', 'all', '2025-01', date '2025-01-01', 7.25),
    ('customer_profiles', 'customer_count', 'all', '2025-03-31', null, 41),
    ('customer_profiles', 'lifetime_revenue', 'all', '2025-03-31', null, 41)
"""
OLDER = date(2025, 3, 30)


def publish_figures(settings, as_of: date, figures: str | None) -> str:
    build_candidate(settings, as_of)
    if figures:
        with duckdb.connect(str(settings.warehouse)) as connection:
            connection.execute(
                f"create table marts.published_figures as from (values {figures}) "
                "as figures(table_name, column_name, segment_type, key, month_start_date, value)"
            )
            connection.execute(
                "alter table marts.published_figures alter value type decimal(38, 6)"
            )
        audit(settings)
    return publish(settings, as_of)["release_id"]


@pytest.fixture
def two(candidate):
    """(settings, ids) of a release as of the 30th of March and one of the 31st."""
    ids = [publish_figures(candidate, OLDER, FIRST), publish_figures(candidate, AS_OF, SECOND)]
    return candidate, ids


def test_figures_of_both_that_differ_are_listed_and_the_others_counted(two):
    settings, ids = two
    found = compare_releases(settings, *ids)
    assert [(f.key, f.column_name, f.old, f.new) for f in found.changed] == [
        ("2025-01", "revenue", 100, Decimal("112.5")),
        ("2025-01", "satisfaction_score", None, Decimal("7.25")),
        ("2025-03", "revenue", 40, 50),
    ]
    assert (found.same_count, found.only_counts) == (1, (1, 2))
    assert found.as_of_dates == (OLDER, AS_OF)


def test_a_month_is_over_at_the_end_of_its_last_day(two):
    settings, ids = two
    assert [f.is_running for f in compare_releases(settings, *ids).changed] == [False, False, True]
    again = compare_releases(settings, ids[1], ids[1])
    assert (again.changed, again.same_count, again.only_counts) == ([], 6, (0, 0))


def test_current_and_previous_name_releases(two):
    settings, ids = two
    found = compare_releases(settings, "previous", "current")
    assert found.release_ids == tuple(ids)


def test_an_unknown_release_is_told_with_those_that_are_kept(two):
    settings, ids = two
    with pytest.raises(ConfigError, match=f"no release 'r1'.*{ids[1]}, {ids[0]}"):
        compare_releases(settings, "r1", "current")


def test_a_release_that_published_no_figures_is_told(two):
    settings, ids = two
    (release_dir(settings, ids[0]) / "published_figures.parquet").unlink()
    with pytest.raises(ConfigError, match=f"{ids[0]} was made by a version"):
        compare_releases(settings, *ids)


def test_the_command_prints_what_changed_by_how_much(two, monkeypatch):
    settings, ids = two
    monkeypatch.setattr(out, "width", 160)
    run = CliRunner().invoke
    words = ["releases", "diff", "previous", "current", "--home", str(settings.home)]
    done = run(app, words)
    assert done.exit_code == 0, done.output
    lines = [" ".join(line.split()) for line in done.output.splitlines()]
    assert lines[0] == f"A is {ids[0]}, as of 2025-03-30"
    assert "customer_months 2025-01 revenue 100 112.5 +12.5" in lines
    assert "customer_months 2025-01 satisfaction_score nothing 7.25" in lines
    assert "customer_months 2025-03 revenue 40 50 +10 month not over" in lines
    assert lines[-1] == "3 figures differ, 1 are the same; 1 are in A only, 2 in B only"
    assert "and 2 more" in run(app, [*words, "--limit", "1"]).output
    assert (
        run(app, ["releases", "diff", "r1", "current", "--home", str(settings.home)]).exit_code == 2
    )
    assert ids[0] in run(app, ["releases", "--home", str(settings.home)]).output


def test_a_restated_figure_carries_the_release_that_first_told_it(candidate):
    with duckdb.connect(str(candidate.warehouse)) as connection:
        connection.execute(
            "create table marts.restatement_log as from (values ('revenue', null), "
            "('revenue', 'r0')) as log(column_name, changed_in_release)"
        )
    audit(candidate)
    done = publish(candidate, AS_OF)
    log = release_dir(candidate, done["release_id"]) / "restatement_log.parquet"
    told = {row[0] for row in duckdb.sql(f"select changed_in_release from '{log}'").fetchall()}
    assert told == {"r0", done["release_id"]}
    with duckdb.connect(str(candidate.warehouse)) as connection:
        connection.execute("delete from marts.restatement_log")
    audit(candidate)
    assert publish(candidate, AS_OF) == done | {
        "is_new": False, "row_counts": done["row_counts"],
    }  # fmt: skip
