"""A real Superset imports the bundle, and shows each dashboard with every chart drawn."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest
from superset_home import EARLIER, ENVIRONMENT, publish_as_of

from saydo.estimate.chain.reasons import FEW_CUSTOMERS
from saydo.marts import marts
from saydo.release import read_manifest, rollback
from saydo.serve.superset import serving, write_bundle
from saydo.serve.superset.dashboards import dashboards
from saydo.serve.superset.saved_metrics import saved_metrics

BOARDS = dashboards("GBP")


@pytest.fixture
def too_small(home):
    """The release as it is of a business that the estimates are not to be believed of."""
    current = home.published / "current"
    whole = current.readlink()
    copy = current.parent / whole.parent / "too-small"
    shutil.copytree(current, copy)
    (copy / "marts.duckdb").chmod(0o600)
    with duckdb.connect(str(copy / "marts.duckdb")) as file:
        none = "is_publishable = false, not_publishable_reason = ?, ci_low = null, ci_high = null"
        for table, figure in (
            ("experience_effects", "estimate"),
            ("revenue_at_stake", "monthly_revenue_effect"),
        ):
            file.execute(f"update {table} set {figure} = null, {none}", [FEW_CUSTOMERS])
        file.execute("update satisfaction_drivers set points = null")
    _point(current, copy)
    yield
    _point(current, current.parent / whole)
    shutil.rmtree(copy)


def _point(current: Path, release: Path) -> None:
    link = current.with_name("next")
    link.symlink_to(release.relative_to(current.parent))
    link.replace(current)


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.slug)
def test_each_chart_of_a_dashboard_has_rows_and_is_drawn_without_an_error(
    board, superset, chromium, tmp_path
):
    seen = chromium.look(f"{superset.url}/superset/dashboard/{board.slug}/", len(board.charts))
    assert seen.page["errors"] == []
    assert seen.page["drawn"] == len(board.charts) and seen.page["loading"] == 0
    results = [result for answer in seen.answers for result in answer["result"]]
    assert len(results) == len(board.charts)
    assert [result["error"] for result in results if result["error"]] == []
    assert min(result["rowcount"] for result in results) > 0
    for chart in board.charts:
        assert chart.title in chromium.text()
    assert bool(seen.page["filterBars"]) == board.has_months
    (tmp_path / "dashboard.png").write_bytes(seen.picture)
    assert len(seen.picture) > 40_000, "an empty page"


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.slug)
def test_a_business_too_small_for_estimates_is_told_why_and_sees_no_empty_box(
    board, superset, chromium, too_small
):
    seen = chromium.look(f"{superset.url}/superset/dashboard/{board.slug}/", len(board.charts))
    assert (seen.page["errors"], seen.page["drawn"]) == ([], len(board.charts))
    results = [result for answer in seen.answers for result in answer["result"]]
    assert min(result["rowcount"] for result in results) > 0
    if board.slug == "saydo-service-and-the-chain":
        assert FEW_CUSTOMERS in chromium.text()


def test_everything_of_the_bundle_is_there_and_importing_it_again_updates(superset, home):
    counts = {kind: superset.count(kind) for kind in ("chart", "dashboard", "database", "dataset")}
    assert counts == {
        "chart": sum(len(board.charts) for board in BOARDS),
        "dashboard": 4,
        "database": 1,
        "dataset": len(marts()),
    }
    write_bundle(home, superset.folder / "bundle.zip")
    environment = serving._environment(superset.folder)
    serving._prepare(ENVIRONMENT / "bin" / "python", superset.folder, environment)
    assert {kind: superset.count(kind) for kind in counts} == counts


def test_a_saved_metric_gives_the_published_figures_of_metrics_daily(superset, home):
    times = {"customer_profiles": "as_of_date"}
    with duckdb.connect(str(home.published / "current" / "marts.duckdb"), read_only=True) as file:
        for metric in saved_metrics():
            published = dict(
                file.execute(
                    "select day_date, value from metrics_daily "
                    "where metric_code = ? and segment_type = 'all'",
                    [metric.code],
                ).fetchall()
            )
            by_segment = metric.mart in ("satisfaction_monthly", "stated_vs_actual_monthly")
            time = times.get(metric.mart, "month_start_date")
            rows = superset.rows(
                metric.mart,
                columns=[time],
                metrics=[metric.code],
                filters=[{"col": "segment_type", "op": "==", "val": "all"}] if by_segment else [],
            )
            shown = sorted(row[metric.code] for row in rows if row[metric.code] is not None)
            assert published and shown == pytest.approx(
                sorted(map(float, published.values())), abs=1e-5
            ), metric.code


def test_the_sql_box_reads_the_marts_and_nothing_else(superset, home):
    assert superset.sql("select count(*) as n from customer_profiles").json()["data"][0]["n"] > 0
    key = superset.folder / "secret_key"
    for hostile in (
        f"select * from read_text('{key}')",
        f"attach '{home.warehouse}' as warehouse",
        "create table mine as select 1 as i",
        "set enable_external_access = true",
    ):
        answer = superset.sql(hostile)
        assert answer.status_code >= 400, hostile
        assert key.read_text() not in answer.text


def test_no_log_holds_the_key_or_the_password(superset):
    for log in superset.folder.glob("*.log"):
        text = log.read_text()
        assert superset.password not in text
        assert (superset.folder / "secret_key").read_text() not in text


def test_the_next_query_sees_what_was_published_and_what_was_rolled_back(superset, home):
    def shown() -> str:
        [row] = superset.rows("release_history", columns=["release_id", "as_of_date"], filters=[
            {"col": "is_current", "op": "IS TRUE"}
        ])  # fmt: skip
        return row["release_id"]

    first = read_manifest(home)["release_id"]
    assert read_manifest(home)["as_of_date"] == EARLIER.isoformat()
    assert shown() == first
    second = publish_as_of(home)
    assert second != first and shown() == second
    rollback(home, first)
    assert shown() == first
