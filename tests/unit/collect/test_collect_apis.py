"""Records of an API are delivered once each, or nothing is, whatever the API does meanwhile."""

from __future__ import annotations

import pytest
from web_apis import TOKEN, Api, serving

from saydo.collect import Access, check_pipeline
from saydo.errors import ConfigError, SaydoError

CHARGES = {
    "name": "charges",
    "path": "v1/charges",
    "records": "data",
    "pages": {"by": "cursor", "next": "data[-1].id", "param": "starting_after",
              "more": "has_more", "size": 3, "total": "total"},
}  # fmt: skip
CREATED = {"field": "created", "param": "created[gte]", "kind": "unix"}
TICKETS = {
    "name": "tickets",
    "path": "api/v2/tickets",
    "records": "tickets",
    "pages": {"by": "link", "next": "links.next", "more": "meta.has_more"},
}
EXPORT = {
    "name": "responses",
    "export": {"start": "v3/exports", "body": {"format": "ndjson", "compress": False},
               "id": "result.progressId", "progress": "v3/exports/{id}", "status": "result.status",
               "file": "result.fileId", "fetch": "v3/exports/{file}/file", "every_seconds": 0.01},
    "cursor": {"field": "recordedDate", "param": "startDate"},
}  # fmt: skip


def charge(number: int, created: int) -> dict:
    return {"id": f"ch_{number:03}", "created": created, "amount": number * 100, "who": {"n": 1}}


@pytest.fixture
def api(home, monkeypatch):
    """A server with eight charges; the home has the connection to it, and little patience."""
    monkeypatch.setattr("saydo.collect.api_client.FACTOR", 0.001)
    made = Api()
    made.charges = [charge(n, 1_735_700_000 + n) for n in range(8)]
    home.connections["billing_api"] = Access("billing_api", "http", password=TOKEN)
    with serving(made) as served:
        yield served


def configure(home, api, *resources, **more):
    api_config = {"url": api.url, "resources": list(resources)} | more
    home.configure({"name": "billing", "connection": "billing_api", "api": api_config})


def ids(home) -> list[str]:
    return [row["id"] for row in home.rows()]


def test_pages_by_cursor_are_read_to_the_end_and_then_only_what_is_new(home, api):
    configure(home, api, CHARGES | {"cursor": CREATED})
    assert home.collect("billing")["row_count"] == 8
    assert home.rows()[0] == charge(0, 1_735_700_000)
    assert home.collect("billing")["file_count"] == 0
    assert api.asked[-1]["created[gte]"] == "1735700007"
    api.charges += [charge(8, 1_735_700_007), charge(9, 1_735_700_010)]
    assert home.collect("billing")["row_count"] == 2
    assert ids(home) == [f"ch_{n:03}" for n in range(10)]


def test_a_limit_of_calls_and_a_minute_of_503_are_waited_for(home, api):
    api.faults = {"down": 3, "too many": 2}
    configure(home, api, CHARGES)
    assert home.collect("billing")["row_count"] == 8
    api.faults = {"down": 1000}
    with pytest.raises(SaydoError, match=r"billing\.charges: the API answers 503"):
        home.collect("billing")
    assert len(home.files()) == 1


def test_a_token_that_expires_in_the_middle_is_renewed_once_and_the_run_goes_on(home, api):
    home.connections["billing_api"] = Access(
        "billing_api", "http", login="me", password="hush-hush"
    )
    api.faults = {"token expires": 1}
    configure(home, api, CHARGES, auth="oauth2", token_url=f"{api.url}/token")
    assert home.collect("billing")["row_count"] == 8
    assert api.calls["/token"] == 2


def test_a_token_that_is_not_taken_is_told_and_not_shown(home, api):
    home.connections["billing_api"] = Access("billing_api", "http", password="not-the-right-one")
    configure(home, api, CHARGES)
    with pytest.raises(ConfigError, match=r"answers 401 .*connection 'billing_api'") as told:
        home.collect("billing")
    assert "not-the-right-one" not in str(told.value) + home.everything_written()
    (tried,) = check_pipeline(home.settings, "billing", home.find)
    assert not tried.is_good and "401" in tried.said


def test_a_page_that_comes_twice_is_told_and_its_records_are_delivered_once(home, api):
    api.faults = {"repeat a page": 1}
    resource = CHARGES | {"pages": {k: v for k, v in CHARGES["pages"].items() if k != "total"}}
    configure(home, api, resource | {"name": "charges"})
    with pytest.raises(SaydoError, match="goes in circles"):
        home.collect("billing")  # its own cursor leads back to a page that was read
    assert home.files() == []
    assert home.collect("billing")["row_count"] == 8


def test_a_record_that_two_pages_hold_is_delivered_once_and_counted(home, api):
    api.charges.append(dict(api.charges[7]))
    resource = CHARGES | {"pages": CHARGES["pages"] | {"by": "offset", "param": "o", "next": None}}
    del resource["pages"]["total"]
    resource["pages"]["size"] = 100
    resource["pages"].pop("next")
    configure(home, api, resource)
    assert home.collect("billing")["row_count"] == 8
    assert "1 records on page 1 of the API came before in this run" in home.notices()[0]


def test_a_page_that_is_skipped_is_told_by_the_total_and_nothing_is_delivered(home, api):
    api.faults = {"skip a page": 1}
    configure(home, api, CHARGES)
    with pytest.raises(SaydoError, match="says that it has 8 records and gave 5"):
        home.collect("billing")
    assert home.files() == []


def test_an_answer_that_is_cut_off_delivers_nothing_and_the_next_run_all_of_it(home, api):
    api.faults = {"cut off": 100}
    configure(home, api, CHARGES)
    with pytest.raises(SaydoError, match=r"billing\.charges"):
        home.collect("billing")
    assert home.files() == []
    api.faults = {}
    assert home.collect("billing")["row_count"] == 8


def test_links_are_followed_to_the_end_but_in_no_circle_and_to_no_other_host(home, api):
    api.tickets = [{"id": n, "status": "open"} for n in range(5)]
    configure(home, api, TICKETS)
    assert home.collect("billing")["row_count"] == 5
    api.faults = {"circle": 100}
    with pytest.raises(SaydoError, match="goes in circles"):
        home.collect("billing")
    api.faults = {"elsewhere": 1}
    with pytest.raises(ConfigError, match="another host"):
        home.collect("billing")


def test_an_export_is_ordered_waited_for_and_fetched_from_where_the_last_one_ended(home, api):
    days = ["2025-03-01T10:00:00Z", "2025-03-02T10:00:00Z"]
    api.responses = [{"responseId": f"R{n}", "recordedDate": day} for n, day in enumerate(days)]
    configure(home, api, EXPORT, auth="header")
    assert home.collect("billing")["row_count"] == 2
    api.responses.append({"responseId": "R2", "recordedDate": days[1]})
    assert home.collect("billing")["row_count"] == 1
    ordered = [asked for asked in api.asked if asked and "format" in asked]
    assert ordered[-1] == {"format": "ndjson", "compress": False, "startDate": days[1]}
    api.faults = {"fail": 1}
    with pytest.raises(SaydoError, match="export failed"):
        home.collect("billing")


def test_a_field_that_is_no_time_is_told_and_a_new_field_is_noted(home, api):
    configure(home, api, CHARGES | {"cursor": CREATED | {"kind": "iso"}})
    with pytest.raises(ConfigError, match="field created of a record is not of kind iso"):
        home.collect("billing")
    configure(home, api, CHARGES | {"cursor": CREATED})
    home.collect("billing")
    api.charges.append(charge(9, 1_735_800_000) | {"refund": "r", "amount": "12.00"})
    home.collect("billing")
    told = "\n".join(home.notices())
    assert "new: refund" in told and "another type: amount (number, now str)" in told
