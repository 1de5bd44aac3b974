"""The page of the data map, and what a reader with a keyboard makes of it in a browser."""

import json
import os
import re
import subprocess
from html import unescape

import duckdb
import pytest
from browser import BINARY, look

from saydo.report.data_map import read_map, render_map

MANIFEST = {
    "release_id": "r1", "as_of_date": "2025-03-31", "code_version": "1", "content_hash": "abc",
}  # fmt: skip
EDGES = """
create table data_map as
select *, timestamp '2025-03-31 03:00' as built_at, 1.5::decimal(9, 2) as seconds from (values
    ('landing', 'feeds.bills', 'feed', 'billing', 'C', 'stale', 'bills/*.csv', 14),
    ('feeds.bills', 'raw.transactions', 'raw', 'billing', 'C', 'stale', 'Charges.', 12),
    ('raw.transactions', 'staging.stg_payments', 'staging', 'data_platform', 'C', 'stale', null,
        null),
    ('staging.stg_payments', 'marts.payments', 'mart', 'finance', 'C', 'stale',
        'One row per payment. </script><script>document.title = "broken"</script>', 12),
    ('project', 'seeds.regions', 'seed', 'analytics', null, 'not_known', 'Regions.', 4),
    ('seeds.regions', 'marts.people', 'mart', 'crm', null, 'not_known', 'One row per person.', 7),
    ('marts.payments', 'exposures.board', 'exposure', 'board', 'C', 'stale', 'The board.', null)
) edges(from_node, to_node, kind, owner, grade, freshness, description, row_count)
"""
# Types a question, takes its first answer with Enter, and writes down what stands there then.
TYPING = """
<script type="module">
const find = document.getElementById("find");
const ask = (question) => { find.value = question; find.dispatchEvent(new Event("input")); };
const hits = () => [...document.querySelectorAll("#hits a")].map((link) => link.textContent);
const name = (link) => [...link.childNodes].slice(0, -1).map((part) => part.textContent).join("");
const lanes = () => Object.fromEntries([...document.querySelectorAll(".lane")].map((lane) => [
  lane.querySelector("h3").textContent,
  [...lane.querySelectorAll("a")].map((link) => [name(link), link.className])]));
const seen = { first: document.body.dataset.chosen };
ask("nothing such"); seen.none = document.getElementById("hits").textContent;
ask("row person"); seen.described = hits();
ask("payments"); seen.named = hits();
find.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
addEventListener("hashchange", () => {
  seen.chosen = document.body.dataset.chosen;
  seen.facts = document.getElementById("chosen").textContent;
  seen.lanes = lanes();
  const links = [...document.querySelectorAll("main a")];
  seen.unreachable = links.filter((link) => link.tabIndex < 0).length;
  seen.title = document.title;
  document.body.append(Object.assign(document.createElement("pre"),
    { id: "typed", textContent: JSON.stringify(seen) }));
});
</script>
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    with duckdb.connect() as connection:
        connection.execute(EDGES)
        text = render_map(MANIFEST, read_map(connection))
    file = tmp_path_factory.mktemp("map") / "data_map.html"
    file.write_text(text)
    return file


@pytest.fixture(scope="module")
def typed(page, tmp_path_factory):
    if BINARY is None:
        tell = pytest.fail if os.environ.get("CI") else pytest.skip
        tell("no chromium: install Debian's package of that name to use the page")
    folder = tmp_path_factory.mktemp("typed")
    (folder / "map.html").write_text(page.read_text().replace("</body>", f"{TYPING}</body>"))
    command = [
        BINARY, "--headless=new", "--no-sandbox", "--disable-gpu", "--proxy-server=127.0.0.1:9",
        f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=5000", "--dump-dom",
        (folder / "map.html").as_uri(),
    ]  # fmt: skip
    made = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r'<pre id="typed">(.*?)</pre>', made.stdout, re.S)
    assert found, made.stderr[-2000:]
    return json.loads(unescape(found[1]))


def test_search_finds_by_name_first_and_by_description_too(typed):
    assert typed["named"] == ["marts.payments", "staging.stg_payments"]
    assert typed["described"] == ["marts.people"]
    assert "Nothing" in typed["none"]


def test_enter_chooses_the_first_and_shows_what_is_known_of_it(typed):
    assert typed["chosen"] == "marts.payments"
    for known in ("finance", "12", "stale", "C", "2025-03-31 03:00", "One row per payment."):
        assert known in typed["facts"]


def test_lanes_lead_from_feed_to_reader_with_what_is_up_and_downstream(typed):
    assert typed["lanes"] == {
        "Feeds (1)": [["bills", "up"]],
        "Raw tables (1)": [["transactions", "up"]],
        "Staging (1)": [["stg_payments", "up"]],
        "Marts (1)": [["payments", ""]],
        "Read by (1)": [["board", "down"]],
    }
    assert list(typed["lanes"]) == [
        "Feeds (1)", "Raw tables (1)", "Staging (1)", "Marts (1)", "Read by (1)",
    ]  # fmt: skip


def test_every_node_can_be_reached_by_keyboard(typed):
    assert typed["unreachable"] == 0


def test_what_a_description_holds_is_text(typed, page):
    assert typed["title"] == "Data map as of 2025-03-31"
    assert "<script>document.title" not in page.read_text()


@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_is_as_wide_as_its_reader_and_loads_nothing(page, tmp_path, width):
    seen = look(page, tmp_path, width)
    assert seen.page["scroll_width"] <= width and seen.page["loaded"] == []
    assert seen.console == []


def test_a_release_of_before_the_map_has_none():
    with duckdb.connect() as connection:
        assert read_map(connection) is None
