"""The bundle for PostgreSQL in a real Superset: the same dashboards, of what a server serves.

It has the ids of the bundle for the file, whose database it takes the place of: this is the last.
"""

from __future__ import annotations

import json

import pytest
from postgres_server import PASSWORD, READER, serving
from typer.testing import CliRunner

from saydo.cli import app
from saydo.release import read_manifest
from saydo.serve.postgres import serve
from saydo.serve.superset.dashboards import dashboards

BOARDS = dashboards("GBP")


@pytest.fixture(scope="module")
def imported(home, superset, server, tmp_path_factory):
    """Superset with the bundle, and the password of the role that may only read."""
    serve(serving(home, server.uri("saydo")))
    file = tmp_path_factory.mktemp("bundle") / "saydo.zip"
    words = ["bi", "superset", "--postgres", "--out", str(file), "--home", str(home.home)]
    made = CliRunner().invoke(app, words, env={"SAYDO_BI_POSTGRES": server.uri("saydo", READER)})
    assert made.exit_code == 0, made.output
    answer = superset.client.post(
        "/api/v1/assets/import/",
        files={"bundle": (file.name, file.read_bytes(), "application/zip")},
        data={"passwords": json.dumps({"databases/saydo.yaml": PASSWORD})},
    )
    assert answer.status_code == 200, answer.text
    return superset


def test_superset_asks_the_server_and_may_only_read(imported, home):
    [row] = imported.rows("release_history", columns=["release_id"], filters=[
        {"col": "is_current", "op": "IS TRUE"}
    ])  # fmt: skip
    assert row["release_id"] == read_manifest(home)["release_id"]
    # A view that the files have not.
    [told] = imported.sql("select release_id from marts.served_release").json()["data"]
    assert told["release_id"] == row["release_id"]
    for hostile in ("delete from marts.customer_profiles", "create table marts.mine (i int)"):
        assert imported.sql(hostile).status_code >= 400, hostile


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.slug)
def test_each_chart_of_a_dashboard_has_rows_of_the_server_and_is_drawn(board, imported, chromium):
    seen = chromium.look(f"{imported.url}/superset/dashboard/{board.slug}/", len(board.charts))
    assert (seen.page["errors"], seen.page["drawn"]) == ([], len(board.charts))
    results = [result for answer in seen.answers for result in answer["result"]]
    assert [result["error"] for result in results if result["error"]] == []
    assert len(results) == len(board.charts)
    assert min(result["rowcount"] for result in results) > 0
