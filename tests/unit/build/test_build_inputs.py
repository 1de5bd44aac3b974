"""When a build may go on from the last one, and when only a full refresh is right."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Literal, get_args, get_origin

import pytest

from saydo.build import inputs
from saydo.build.inputs import current_inputs, reasons_to_refresh, record
from saydo.config.policy import (
    EventsPolicy,
    IdentityPolicy,
    Policy,
    ProfilePolicy,
    SatisfactionPolicy,
    SegmentsPolicy,
)
from saydo.landing import read_ledger, write_entry

YESTERDAY = date(2025, 3, 29)
TODAY = date(2025, 3, 30)


@pytest.fixture
def built(home):
    """A home whose warehouse was built yesterday from one batch."""
    home.batch("usage", "network_usage_daily")
    settings = home.settings()
    settings.warehouse.touch()
    then = current_inputs(settings, YESTERDAY)
    record(settings, "attempted", then)
    record(settings, "built", then)
    return home


def reasons(home, as_of=TODAY, **settings) -> list[str]:
    changed = home.settings(**settings)
    return reasons_to_refresh(changed, current_inputs(changed, as_of))


def test_the_next_day_with_a_new_batch_is_incremental(built):
    built.batch("usage", "network_usage_daily")
    assert reasons(built) == []


def test_the_same_inputs_are_incremental_and_have_the_same_key(built):
    assert reasons(built, YESTERDAY) == []
    settings = built.settings()
    assert current_inputs(settings, YESTERDAY).key == inputs.recorded(settings, "built").key


def test_a_first_build_is_a_full_refresh(home):
    assert reasons(home) == ["there is no finished build to go on from"]


def test_a_lost_warehouse_is_a_full_refresh(built):
    built.settings().warehouse.unlink()
    assert reasons(built) == ["there is no finished build to go on from"]


@pytest.mark.parametrize(
    "change",
    [
        {"policy": {"satisfaction": {"fan_from": 8}}},
        {"timezone": "Europe/London"},
        {"questions": {"overall": "recommend"}},
        {"measures": [{"name": "delay_days", "aggregate": "max"}]},
    ],
)
def test_changed_rules_are_a_full_refresh(built, change):
    assert reasons(built, **change) == ["configuration, policy or models changed"]


@pytest.mark.parametrize("what", ["bets", "segments"])
def test_a_changed_bet_or_segment_makes_another_build_and_no_history_again(built, tmp_path, what):
    file = tmp_path / f"{what}.yml"
    file.write_text(f"{what}: []\n")
    settings = built.settings().model_copy(update={f"{what}_file": file})
    now = current_inputs(settings, YESTERDAY)
    assert now.key != inputs.recorded(settings, "built").key
    assert reasons_to_refresh(settings, now) == []


def test_a_changed_model_is_a_full_refresh(built, monkeypatch, tmp_path):
    (tmp_path / "dbt" / "models").mkdir(parents=True)
    (tmp_path / "dbt" / "models" / "m.sql").write_text("select 1")
    monkeypatch.setattr(inputs, "DBT_PROJECT", tmp_path / "dbt")
    assert reasons(built) == ["configuration, policy or models changed"]


def test_an_earlier_day_is_a_full_refresh(built):
    assert reasons(built, date(2025, 3, 1)) == ["the warehouse holds days after 2025-03-01"]


def test_a_batch_that_is_gone_is_a_full_refresh(built):
    for entry in (built.settings().raw / "_batches").glob("*.json"):
        entry.unlink()
    assert reasons(built) == ["a batch built before is gone or was landed again"]


@pytest.mark.parametrize("change", [{"status": "withdrawn"}, {"sequence": 9}])
def test_a_batch_withdrawn_or_landed_again_is_a_full_refresh(built, change):
    (entry,) = read_ledger(built.settings())
    write_entry(built.settings(), entry.model_copy(update=change))
    assert reasons(built) == ["a batch built before is gone or was landed again"]


def test_what_another_version_recorded_besides_is_passed_over(built):
    file = built.settings().state / "build" / "inputs.json"
    kept = json.loads(file.read_text())
    file.write_text(json.dumps({name: record | {"more": 1} for name, record in kept.items()}))
    assert reasons(built) == []


def test_a_person_to_forget_is_a_full_refresh(built):
    built.batch("erasures", "erasure_requests")
    assert reasons(built) == ["a person is to be forgotten in every month"]


def test_a_new_snapshot_of_a_monthly_source_is_a_full_refresh(built):
    feed = {
        "name": "usage",
        "source": "network_usage_daily",
        "path": "usage/*.csv",
        "format": "csv",
        "delivery": "snapshot",
        "columns": {"id_type": "'msisdn'", "id_value": "number", "usage_date": "day"},
    }
    built.batch("usage", "network_usage_daily", delivery="snapshot")
    assert reasons(built, feeds=[feed]) == ["a new snapshot replaces months of history"]


def test_another_meaning_of_absence_is_a_full_refresh(built):
    feed = {
        "name": "usage", "source": "network_usage_daily", "path": "usage/*.csv", "format": "csv",
        "columns": {"id_type": "'msisdn'", "id_value": "number", "usage_date": "day"},
    }  # fmt: skip
    feeds = [feed | {"delivery": "snapshot", "absent": absent} for absent in ("ended", "erased")]
    assert reasons(built, feeds=feeds[:1]) == []
    assert reasons(built, feeds=feeds[1:]) == ["configuration, policy or models changed"]


def test_an_unfinished_full_refresh_is_followed_by_another(built):
    settings = built.settings()
    earlier = current_inputs(settings, date(2025, 3, 1))
    earlier.full_refresh = True
    record(settings, "attempted", earlier)
    assert reasons(built) == ["the last full refresh did not finish"]


def test_an_unfinished_incremental_build_of_a_later_day_counts_too(built):
    settings = built.settings()
    record(settings, "attempted", current_inputs(settings, date(2025, 4, 2)))
    assert reasons(built) == ["the warehouse holds days after 2025-03-30"]


READ_BY_MODELS = {
    *(f"satisfaction.{key}" for key in SatisfactionPolicy.model_fields),
    *(f"profile.{key}" for key in ProfilePolicy.model_fields),
    *(f"identity.{key}" for key in IdentityPolicy.model_fields),
    *(f"segments.{key}" for key in SegmentsPolicy.model_fields),
    *(f"events.{key}" for key in EventsPolicy.model_fields),
    "weighting.margins",
    "scorecard.features",
    "experiments.horizon_months",
    "journeys.gap_days",
    "journeys.answer_days",
    "flux.spend_change_ratio",
    "next_services.horizon_days",
    "influence.prior_changes",
    "linkage.is_on",
    "linkage.accept_probability",
    "chain.edge",
    "chain.segments",
    "chain.questions",
    *(
        f"recovery.{key}"
        for key in ("version", "look_back_days", "factor", "min_credit", "max_credit", "consent")
    ),
}
# Told to the models as chain_samples.
TOLD_BY_ANOTHER_NAME = {"chain.selection_tilts"}
POLICY = [
    (section, key, value)
    for section, values in Policy().model_dump().items()
    for key, value in values.items()
]


_OTHERS = {
    ("recovery", "currency"): "EUR",
    ("recovery", "destinations"): [{"kind": "webhook", "connection_id": "billing"}],
}


def _another(section: str, key: str, value: object) -> object:
    """A value of the key that is not its default, and is allowed."""
    field = type(getattr(Policy(), section)).model_fields[key]
    if get_origin(field.annotation) is Literal:
        return next(other for other in get_args(field.annotation) if other != value)
    if (section, key) in _OTHERS:
        return _OTHERS[section, key]
    if isinstance(value, bool):
        return not value
    if isinstance(value, tuple):
        return value[:-1] or ("recommend",)
    if isinstance(value, dict):
        return {"plan_code": {}}
    if isinstance(value, float):
        return value * 0.9 or 0.01
    return (value or 0) + 1


@pytest.mark.parametrize(("section", "key", "value"), POLICY)
def test_only_what_the_models_read_of_the_policy_is_a_full_refresh(home, section, key, value):
    """What the gates tolerate, what is kept, how files are landed: none of it changes a model."""
    before = current_inputs(home.settings(), TODAY).rules
    changed = {section: {key: _another(section, key, value)}}
    after = current_inputs(home.settings(policy=changed), TODAY).rules
    assert (after != before) == (f"{section}.{key}" in READ_BY_MODELS | TOLD_BY_ANOTHER_NAME)


def test_the_models_read_no_other_policy_and_all_of_that():
    """Every `var('policy').section.key` of the SQL, also by way of a name for the section."""
    read = set()
    for file in inputs.DBT_PROJECT.rglob("*.sql"):
        text = file.read_text("utf-8")
        read |= {".".join(found) for found in re.findall(r"var\(.policy.\)\.(\w+)\.(\w+)", text)}
        for section in re.findall(r"set policy = var\('policy'\)\.(\w+)", text):
            read |= {f"{section}.{key}" for key in re.findall(r"\bpolicy\.(\w+)", text)}
    assert read == READ_BY_MODELS
