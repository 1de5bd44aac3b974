import json

import pytest
from jsonschema import ValidationError
from openlineage.client.event_v2 import Run, RunEvent
from openlineage.client.facet_v2 import column_lineage_dataset, ownership_dataset
from small_build import BUILT_AT, SECRET_PATH
from specification import check, object_schema

from saydo.lineage.events import Parent, record_events
from saydo.lineage.spool import event_files

RUN = "01890000-0000-7000-8000-000000000000"


def events_of(home):
    return [
        json.loads(line) for file in event_files(home) for line in file.read_text().splitlines()
    ]


@pytest.fixture
def told(home):
    record_events(home, Parent(RUN, "build_customer_warehouse"))
    return events_of(home)


def ended(told, job):
    (event,) = [e for e in told if e["job"]["name"] == job and e["eventType"] != "START"]
    return event


def test_every_event_is_as_the_specification_says(told):
    assert told
    for event in told:
        check(event)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda e: e.update(eventTime="yesterday"),
        lambda e: e["run"].update(runId="one"),
        lambda e: e.update(eventType="DONE"),
        lambda e: e["job"].update(title="a job"),
        lambda e: e["outputs"][0].pop("name"),
        lambda e: e["outputs"][0]["facets"]["schema"].update(columns=[]),
        lambda e: e["outputs"][0]["facets"]["schema"]["fields"][0].update(type=1),
        lambda e: e["outputs"][0]["facets"].update(colour=e["outputs"][0]["facets"]["schema"]),
        lambda e: e["outputs"][0]["outputFacets"]["outputStatistics"].update(rowCount="12"),
        lambda e: e["outputs"][0]["outputFacets"]["outputStatistics"].pop("_producer"),
        lambda e: e["job"]["facets"]["jobType"].update(_schemaURL="https://openlineage.io/"),
        lambda e: e.update(schemaURL=e["schemaURL"].replace("RunEvent", "JobEvent")),
        lambda e: e.update(producer="saydo"),
    ],
)
def test_what_breaks_the_specification_is_seen(told, spoil):
    event = ended(told, "build.marts.payments")
    spoil(event)
    with pytest.raises(ValidationError):
        check(event)


@pytest.mark.parametrize(
    ("kind", "required", "name", "expected"),
    [
        (RunEvent, ["eventTime", "producer", "schemaURL", "run", "job"], "eventType",
         {"enum": ["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"]}),
        (Run, ["runId"], "runId", {"type": "string", "format": "uuid"}),
        (ownership_dataset.Owner, ["name"], "type", {"type": "string"}),
        (column_lineage_dataset.InputField, ["namespace", "name", "field"], "field",
         {"type": "string"}),
    ],
)  # fmt: skip
def test_the_schema_asks_for_what_the_specification_asks_for(kind, required, name, expected):
    schema = object_schema(kind, {})
    assert sorted(schema["required"]) == sorted(required)
    assert schema["properties"][name] == expected
    assert schema["additionalProperties"] is False


def test_each_run_begins_and_ends_once_under_one_id(told):
    for job in {event["job"]["name"] for event in told}:
        begin, end = [e for e in told if e["job"]["name"] == job]
        assert begin["run"]["runId"] == end["run"]["runId"]
        assert begin["eventType"] == "START" and begin["eventTime"] <= end["eventTime"]
        assert end["run"]["facets"]["parent"]["run"]["runId"] == RUN


def test_a_model_tells_what_it_reads_and_its_schema_rows_owner_and_columns(told):
    event = ended(told, "build.marts.payments")
    assert (event["eventType"], event["eventTime"]) == ("COMPLETE", BUILT_AT.replace(".000000", ""))
    assert [each["name"] for each in event["inputs"]] == ["staging.stg_payments"]
    (made,) = event["outputs"]
    assert (made["namespace"], made["name"]) == ("saydo", "marts.payments")
    assert [field["name"] for field in made["facets"]["schema"]["fields"]] == [
        "payment_id", "revenue",
    ]  # fmt: skip
    assert made["facets"]["ownership"]["owners"] == [{"name": "team:finance"}]
    assert made["outputFacets"]["outputStatistics"]["rowCount"] == 12
    (source,) = made["facets"]["columnLineage"]["fields"]["revenue"]["inputFields"]
    assert (source["name"], source["field"]) == ("staging.stg_payments", "amount")


def test_a_feed_tells_what_landed(told):
    event = ended(told, "land.bills")
    assert [each["name"] for each in event["inputs"]] == ["feeds.bills"]
    assert event["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"] == 12


def test_a_model_that_failed_says_so_and_has_made_nothing(told):
    event = ended(told, "build.marts.broken")
    assert event["eventType"] == "FAIL" and event["outputs"] == []
    assert event["run"]["facets"]["errorMessage"]


def test_no_path_and_no_file_name_is_told(home, told):
    text = json.dumps(told)
    for word in (SECRET_PATH, str(home.home), "may.csv", "bills/"):
        assert word not in text


def test_what_was_told_is_not_told_again(home, told):
    assert record_events(home) == 0
    assert events_of(home) == told


def test_the_namespace_is_the_users(home, monkeypatch):
    monkeypatch.setenv("OPENLINEAGE_NAMESPACE", "acme")
    record_events(home)
    assert {event["job"]["namespace"] for event in events_of(home)} == {"acme"}
