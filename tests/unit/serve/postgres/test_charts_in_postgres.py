"""Every chart of the dashboards asks what PostgreSQL understands, too."""

from __future__ import annotations

import psycopg
import pytest
from postgres_server import LOADER
from test_superset_charts import CHARTS, query

from saydo.marts import marts
from saydo.serve.postgres.shape import _type


@pytest.fixture(scope="module")
def empty_marts(server):
    with psycopg.connect(server.uri("saydo", LOADER)) as connection:
        connection.execute("create schema release_of_charts")
        connection.execute("set search_path to release_of_charts")
        for mart in marts().values():
            columns = ", ".join(
                f'"{name}" {_type(mart.name, name, kind.upper().replace(" ", ""))}'
                for name, kind, _ in mart.columns
            )
            connection.execute(f'create table "{mart.name}" ({columns})')
        yield connection
        connection.rollback()


def test_every_chart_is_answered(empty_marts):
    answered = {chart.title: empty_marts.execute(query(chart)).fetchall() for chart in CHARTS}
    assert len(answered) > 30
