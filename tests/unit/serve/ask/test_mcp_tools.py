"""`saydo mcp` answers a client from the release that is current, and does no harm."""

from __future__ import annotations

import os
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import duckdb
import pytest
from fake_candidate import AS_OF, audit, build_candidate, make_settings
from hostile_queries import ENDLESS, GREEDY, refused
from mcp import Client, StdioServerParameters, stdio_client

from saydo.release import current_release_id, publish, rollback

PLUGINS = Path(__file__).resolve().parents[3] / "plugins"


@asynccontextmanager
async def client_of(settings, *options):
    """The protocol's own client, with a server of this home in a process of its own."""
    command = "from saydo.cli import app; app()"
    paths = [str(PLUGINS), str(PLUGINS.parent), os.environ.get("PYTHONPATH", "")]
    server = StdioServerParameters(
        command=sys.executable,
        args=["-c", command, "mcp", "--home", str(settings.home), *options],
        env={"PYTHONPATH": os.pathsep.join(paths)},
    )
    async with Client(stdio_client(server)) as client:
        yield client


async def ask(client, tool, **arguments):
    """What a tool answers: its structure, or the text of its error."""
    result = await client.call_tool(tool, arguments)
    return result.content[0].text if result.is_error else result.structured_content


def test_a_client_finds_tools_tables_and_columns_with_their_descriptions(released):
    async def scenario():
        async with client_of(released) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            assert set(tools) == {
                "list_tables", "describe_table", "list_metrics", "query_metric", "run_query",
            }  # fmt: skip
            assert all(t.description and t.annotations.read_only_hint for t in tools.values())
            tables = await ask(client, "list_tables")
            assert tables["release_id"] == current_release_id(released)
            [profiles] = [t for t in tables["tables"] if t["name"] == "customer_profiles"]
            assert profiles["description"] == "One row per customer's profile."
            assert profiles["row_count"] == 40
            described = await ask(client, "describe_table", table="customer_profiles")
            assert described["columns"][0] == {
                "name": "customer_id", "type": "VARCHAR", "description": "The resolved customer.",
            }  # fmt: skip
            wrong = await ask(client, "describe_table", table="customer_profile")
            assert "did you mean 'customer_profiles'?" in wrong
            told = await ask(client, "query_metric", metrics=["mrrr"])
            assert "unknown metric 'mrrr'; did you mean 'mrr'?" in told
            found = await ask(client, "run_query", sql="select 1.50 as a, 2 as a")
            assert (found["columns"], found["rows"]) == (["a", "a"], [[1.5, 2]])
            assert (await ask(client, "run_query", sql="from range(150)"))["is_cut"]

    anyio.run(scenario)


def test_hostile_queries_are_refused_and_the_server_lives_on(released, tmp_path):
    async def scenario():
        async with client_of(released, "--seconds", "3") as client:
            for sql, why in list(refused(tmp_path).items())[::4]:  # test_guarded_queries has all
                told = await ask(client, "run_query", sql=sql)
                assert isinstance(told, str) and why in told, sql
            begun = time.monotonic()
            async with anyio.create_task_group() as group:
                told = []

                async def send(sql):
                    told.append(await ask(client, "run_query", sql=sql))

                for sql in (*ENDLESS, *GREEDY):
                    group.start_soon(send, sql)
            assert all("was stopped" in text or "memory" in text for text in told), told
            assert len(told) == 5 and time.monotonic() - begun < 120
            found = await ask(client, "run_query", sql="select count(*) from customer_profiles")
            assert found["rows"] == [[40]]

    anyio.run(scenario)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def moving(tmp_path):
    settings = make_settings(tmp_path)
    build_candidate(settings)
    return settings, publish(settings, AS_OF)["release_id"]


def test_after_a_publish_and_after_a_rollback_the_next_call_reads_the_right_release(moving):
    settings, first = moving
    sql = "select count(*) from customer_months"

    async def scenario():
        async with client_of(settings) as client:
            before = await ask(client, "run_query", sql=sql)
            assert (before["release_id"], before["rows"]) == (first, [[80]])
            with duckdb.connect(str(settings.warehouse)) as connection:
                connection.execute("delete from marts.customer_months where customer_id like '%1'")
            audit(settings)
            second = publish(settings, AS_OF)["release_id"]
            after = await ask(client, "run_query", sql=sql)
            assert (after["release_id"], after["rows"]) == (second, [[72]])
            rollback(settings)
            back = await ask(client, "run_query", sql=sql)
            assert (back["release_id"], back["rows"]) == (first, [[80]])

    anyio.run(scenario)


def test_a_server_of_a_home_without_releases_says_how_to_publish(tmp_path):
    async def scenario():
        async with client_of(make_settings(tmp_path)) as client:
            assert "run `saydo run`" in await ask(client, "list_tables")

    anyio.run(scenario)
