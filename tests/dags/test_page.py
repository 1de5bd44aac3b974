"""The page inside Airflow: who may not, does not; what is wrong is told and changes nothing."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date

import pytest
from fake_candidate import build_candidate, make_settings

from saydo.home_lock import free_home, hold_home
from saydo.landing import Batch, write_entry
from saydo.release import current_release_id, publish, rollback
from saydo.release.store import release_ids, releases_dir

EVIL = "<script>alert(1)</script>"
PATHS = ("/saydo/", "/saydo/releases/current/report/index.html")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home of two releases, with a report, a warning that looks like HTML, and a refused file."""
    settings = make_settings(tmp_path_factory.mktemp("page"))
    for day, customers in ((date(2025, 3, 30), 30), (date(2025, 3, 31), 40)):
        build_candidate(settings, day, customers)
        publish(settings, day)
    for release_id in release_ids(settings):
        folder = releases_dir(settings) / release_id / "report"
        folder.mkdir()
        (folder / "index.html").write_text(f"<p>the report of {release_id}</p>")
    entry = {"source": "transactions", "delivery": "incremental", "content_hash": "c",
             "file_size": 1, "file_mtime_ns": 1, "landed_at": "2025-03-31T04:05:06Z"}  # fmt: skip
    refused = f"column {EVIL} is missing\n  for example: jane@example.org"
    write_entry(settings, Batch(batch_id="ledger-1", feed=EVIL, file_name="a.csv", sequence=1,
                                status="refused", refused_reason=refused, **entry))  # fmt: skip
    write_entry(settings, Batch(batch_id="ledger-2", feed="ledger", file_name="b.csv", sequence=2,
                                status="accepted", quarantined_count=3, loaded_count=9,
                                reason_counts={"not_a_number": 3}, **entry))  # fmt: skip
    return settings


@pytest.fixture(autouse=True)
def served(home, monkeypatch):
    """The home is the server's, and its newest release is current."""
    monkeypatch.setenv("SAYDO_HOME", str(home.home))
    rollback(home, release_ids(home)[-1])
    return home


@pytest.fixture
def old(home) -> str:
    return release_ids(home)[0]


@pytest.fixture
def new(home) -> str:
    return release_ids(home)[-1]


def ask(browser, release_id: str, shown: str, **more):
    body = {"release_id": release_id, "shown_current": shown}
    return browser.post("/saydo/roll-back", **({"json": body} | more))


def logged() -> list[tuple[str, str, dict]]:
    """Airflow's audit log of the DAG, oldest first: event, who, what."""
    from airflow.models.log import Log
    from airflow.utils.session import create_session

    with create_session() as session:
        entries = session.query(Log).filter_by(dag_id="build_customer_warehouse").order_by(Log.id)
        return [(entry.event, entry.owner, json.loads(entry.extra)) for entry in entries]


@pytest.mark.parametrize("path", PATHS)
def test_who_is_not_logged_in_sees_nothing_but_where_to_log_in(browser_of, path, new):
    answer = browser_of(None).get(path)
    assert answer.status_code == 401
    assert new not in answer.text
    assert re.search(r'href="/auth/[^"]*login[^"]*next=%2Fsaydo%2F', answer.text)


def test_who_is_not_logged_in_or_may_only_read_rolls_nothing_back(browser_of, home, old, new):
    assert ask(browser_of(None), old, new).status_code == 401
    viewer = browser_of("VIEWER")
    page = viewer.get("/saydo/")
    assert page.status_code == 200 and new in page.text
    assert "<button" not in page.text and "<dialog" not in page.text
    assert ask(viewer, old, new).status_code == 403
    assert current_release_id(home) == new


@pytest.mark.parametrize("role", ["USER", "ADMIN"])
def test_who_may_edit_the_dag_rolls_back_and_the_audit_log_has_it(browser_of, home, old, new, role):
    browser = browser_of(role)
    page = browser.get("/saydo/").text
    assert re.findall(r'<button type="button" data-release="([^"]*)"', page) == [old]
    before = len(logged())
    answer = ask(browser, old, new)
    assert answer.status_code == 200
    assert answer.json()["detail"] == f"{old}, as of 2025-03-30, is current; it was {new}."
    assert current_release_id(home) == old
    assert f"Readers see release <b>{old}</b>" in browser.get("/saydo/").text
    asked, done = logged()[before:]
    assert asked[:2] == ("saydo_roll_back_asked", f"one_{role.lower()}")
    assert done[:2] == ("saydo_rolled_back", f"one_{role.lower()}")
    assert done[2] == {"release_id": old, "previous_release_id": new, "as_of_date": "2025-03-30"}


def refused(browser, home, *asked) -> str:
    """Ask for what must be refused; gives the message, which the audit log must have, too."""
    before = current_release_id(home)
    answer = ask(browser, *asked)
    assert answer.status_code == 409
    assert current_release_id(home) == before
    event, _, what = logged()[-1]
    assert event == "saydo_roll_back_refused" and what["why"] == answer.json()["detail"]
    return answer.json()["detail"]


def test_a_release_that_was_removed_is_refused_and_the_kept_ones_are_named(browser_of, home, new):
    for gone in ("r20250101000000-0badcafe", "../../etc", EVIL, ""):
        message = refused(browser_of("ADMIN"), home, gone, new)
        assert "there is no release" in message and new in message


def test_what_was_decided_looking_at_an_older_page_is_refused(browser_of, home, old, new):
    rollback(home, old)
    message = refused(browser_of("ADMIN"), home, new, new)
    assert f"{new} is not current any more, but {old}" in message


def test_while_somebody_works_in_the_home_nothing_is_rolled_back(browser_of, home, old, new):
    with hold_home(home, "build, run r1", run="r1"):
        pass  # between two of its tasks, a run of the scheduler has the home all the same
    message = refused(browser_of("ADMIN"), home, old, new)
    assert "held by build, run r1" in message
    free_home(home, "r1")
    assert ask(browser_of("ADMIN"), old, new).status_code == 200


def test_a_release_that_cannot_be_read_is_shown_as_such_and_not_rolled_back_to(
    browser_of, home, new
):
    broken = "r20250101000000-0badcafe"
    folder = releases_dir(home) / broken
    folder.mkdir()
    try:
        (folder / "manifest.json").write_text("{")
        page = browser_of("ADMIN").get("/saydo/").text
        assert f'id="{broken}"' in page and "manifest.json cannot be read" in page
        assert f'data-release="{broken}"' not in page
        assert "cannot be read" in refused(browser_of("ADMIN"), home, broken, new)
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"json": None, "data": {"release_id": "x", "shown_current": "y"}}, 415),
        ({"json": None, "content": b'{"release_id": "x"}'}, 415),
        ({"json": None, "content": b"{}", "headers": {"content-type": "text/plain"}}, 415),
        ({"headers": {"sec-fetch-site": "cross-site"}}, 403),
        ({"headers": {"sec-fetch-site": "same-site"}}, 403),
        ({"json": {"release_id": "x"}}, 422),
        ({"json": {"release_id": ["x"], "shown_current": "y"}}, 422),
        ({"json": {"release_id": "x" * 65, "shown_current": "y"}}, 422),
    ],
)
def test_what_another_site_could_send_is_refused(browser_of, home, old, new, sent, status):
    browser = browser_of("ADMIN")
    before = len(logged())
    assert ask(browser, old, new, **sent).status_code == status
    assert current_release_id(home) == new
    assert len(logged()) == before


@pytest.mark.parametrize(
    "path",
    [
        "current/marts.duckdb",
        "current/manifest.json",
        "current/registry.parquet",
        "current/report/%2e%2e/manifest.json",
        "current/report/..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
        "current/%2fetc%2fpasswd",
        "current/report/%00.html",
        "current/report/",
        "%2e%2e/report/index.html",
        "..%2f..%2fstate/gate/marts/summary.json",
        "r20250101000000-0badcafe/report/index.html",
    ],
)
def test_only_pages_of_kept_releases_are_served(browser_of, path):
    answer = browser_of("ADMIN").get(f"/saydo/releases/{path}")
    assert answer.status_code == 404
    assert "root:" not in answer.text


def test_a_page_of_a_release_is_served_and_its_scripts_are_nobody(browser_of, old, new):
    for release_id, named in ((new, new), (old, old), ("current", new)):
        answer = browser_of("VIEWER").get(f"/saydo/releases/{release_id}/report/index.html")
        assert answer.status_code == 200 and answer.text == f"<p>the report of {named}</p>"
        policy = answer.headers["content-security-policy"]
        assert "sandbox allow-scripts;" in policy and "allow-same-origin" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_words_of_deliveries_stay_words_and_examples_stay_in_the_log(browser_of):
    page = browser_of("ADMIN").get("/saydo/").text
    assert EVIL not in page and "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<b>changed</b>" not in page and "&lt;b&gt;changed&lt;/b&gt;" in page
    assert "is missing" in page and "jane@example.org" not in page
    assert "not_a_number: 3 rows" in page


def test_the_page_loads_nothing_from_elsewhere_and_says_so_to_the_browser(browser_of):
    browser = browser_of("VIEWER")
    answer = browser.get("/saydo/")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
    loaded = re.findall(r'(?:src|href)="([^"]*)"', answer.text)
    assert not [link for link in loaded if "//" in link]
    for link in (link for link in loaded if link.startswith("assets/")):
        assert browser.get(f"/saydo/{link}").status_code == 200
    assert browser.get("/saydo/assets/releases.html").status_code == 404


def test_a_home_without_a_release_says_what_publishes(browser_of, tmp_path, monkeypatch):
    monkeypatch.setenv("SAYDO_HOME", str(tmp_path))
    page = browser_of("ADMIN").get("/saydo/")
    assert page.status_code == 200
    assert "Nothing is published yet" in page.text and "build_customer_warehouse" in page.text


def test_airflows_navigation_has_the_page(browser_of):
    plugins = browser_of("ADMIN").get("/api/v2/plugins")
    (saydo,) = [p for p in plugins.json()["plugins"] if p["name"] == "saydo"]
    (view,) = saydo["external_views"]
    assert (view["destination"], view["href"], view["url_route"]) == ("nav", "/saydo/", "saydo")
