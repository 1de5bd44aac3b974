from itertools import pairwise

import duckdb
import pytest

from saydo.errors import ConfigError
from saydo.lineage.asking import _named
from saydo.lineage.data_map import fill_data_map
from saydo.lineage.graph import graded, reached, read_graph


@pytest.fixture
def filled(home):
    fill_data_map(home)
    with duckdb.connect(str(home.warehouse)) as connection:
        table = connection.execute("select * from marts.data_map").to_arrow_table()
    return {(row["from_node"], row["to_node"]): row for row in table.to_pylist()}


def test_the_map_leads_from_landing_to_who_reads_a_table(filled):
    way = ["landing", "feeds.bills", "raw.transactions", "staging.stg_payments", "marts.payments",
           "exposures.board"]  # fmt: skip
    assert all(edge in filled for edge in pairwise(way))


def test_what_nothing_makes_comes_from_the_project_or_the_home(filled):
    assert ("project", "seeds.regions") in filled
    assert ("home", "raw.accounts") in filled  # no feed delivers it


def test_each_end_of_an_edge_has_its_owner_rows_times_grade_and_freshness(filled):
    feed = filled["landing", "feeds.bills"]
    assert (feed["kind"], feed["owner"], feed["row_count"]) == ("feed", "billing", 14)
    assert (feed["grade"], feed["freshness"]) == ("C", "stale")
    raw = filled["feeds.bills", "raw.transactions"]
    assert (raw["row_count"], raw["built_at"].isoformat()) == (12, "2025-05-31T22:00:00")
    mart = filled["staging.stg_payments", "marts.payments"]
    assert (mart["owner"], mart["row_count"], float(mart["seconds"])) == ("finance", 12, 1.5)
    assert (mart["grade"], mart["freshness"]) == ("C", "stale")  # of what it is made from
    assert filled["raw.accounts", "marts.people"]["grade"] is None
    assert filled["raw.accounts", "marts.people"]["freshness"] == "not_known"
    assert filled["raw.transactions", "staging.stg_payments"]["owner"] == "data_platform"


def test_a_published_view_and_the_map_itself_are_counted(filled):
    assert filled["raw.accounts", "marts.people"]["row_count"] == 7
    assert filled["marts.data_readiness", "marts.data_map"]["row_count"] == len(filled)


def test_a_second_build_replaces_the_map(home, filled):
    assert fill_data_map(home) == len(filled)
    with duckdb.connect(str(home.warehouse)) as connection:
        assert connection.execute("select count(*) from marts.data_map").fetchone() == (
            len(filled),
        )


def test_a_grade_of_its_own_goes_before_that_of_what_a_node_is_made_from(home):
    graph = graded(read_graph(home), {"raw.transactions": "C", "marts.payments": "A"},
                   {"raw.transactions": False, "marts.payments": True})  # fmt: skip
    assert (graph["marts.payments"].grade, graph["marts.payments"].freshness) == ("A", "fresh")
    assert graph["exposures.board"].grade == "A"


def test_upstream_and_downstream_are_what_can_be_reached_nearest_first():
    edges = [("a", "b"), ("b", "c"), ("a", "c"), ("c", "d"), ("x", "d")]
    assert reached(edges, "d", upstream=True) == {"c": 1, "x": 1, "a": 2, "b": 2}
    assert reached(edges, "a", upstream=False) == {"b": 1, "c": 1, "d": 2}


def test_a_node_is_named_without_its_schema_unless_that_leaves_it_open():
    nodes = {"marts.people": 1, "raw.accounts": 1, "seeds.accounts": 1}
    assert _named("people", nodes) == "marts.people"
    with pytest.raises(ConfigError, match=r"several: raw\.accounts, seeds\.accounts"):
        _named("accounts", nodes)
    with pytest.raises(ConfigError, match="is it people"):
        _named("peopel", nodes)
