"""segments.yml: what may be in it, and how what may not is told."""

from __future__ import annotations

import pytest
import yaml
from typer.testing import CliRunner

from saydo.cli import app
from saydo.config import load_segments
from saydo.errors import ConfigError
from saydo.settings import PROJECT

SEGMENT = {"code": "fans", "name": "Fans", "owner": "us", "predicate": "is_in_flux"}
WEBHOOK = {"kind": "webhook", "connection_id": "crm"}
TABLE = {"kind": "postgres", "connection_id": "crm", "table": "fans"}


def load(tmp_path, *segments: dict):
    file = tmp_path / "segments.yml"
    file.write_text(yaml.safe_dump({"segments": list(segments)}))
    return load_segments(file).segments


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"predicate": "is_in_fluks"}, "did you mean 'is_in_flux'"),
        ({"predicate": "customer_id = 'c_1'"}, "nothing that a segment could be about"),
        ({"predicate": "account_key = 'x'"}, "unknown column 'account_key'"),
        ({"predicate": "is_in_flux and 1 in (select 1)"}, "subquery"),
        ({"predicate": "read_text('x') = 'y'"}, "the function or sign 'read_text'"),
        ({"predicate": "tenure_months"}, "compare it with something"),
        ({"consent": "nobody"}, "consent"),
        ({"hand_over": "none", "destinations": [WEBHOOK]}, "goes nowhere"),
        ({"hand_over": "full", "destinations": [TABLE]}, "nobody would leave its table"),
    ],
)
def test_a_wrong_segment_is_told_with_its_place_and_the_nearest_right_one(tmp_path, changed, told):
    with pytest.raises(ConfigError, match=told):
        load(tmp_path, SEGMENT | changed)


def test_two_segments_have_two_codes(tmp_path):
    with pytest.raises(ConfigError, match="two segments are called fans"):
        load(tmp_path, SEGMENT, SEGMENT)


def test_a_segment_is_told_to_the_models_in_checked_sql(tmp_path):
    (one,) = load(tmp_path, SEGMENT | {"predicate": "is_in_flux AND tenure_months>=12"})
    assert one.for_models() == {
        "code": "fans", "predicate": "(is_in_flux and (tenure_months >= 12))",
        "consent": "marketing",
    }  # fmt: skip


def test_the_segments_of_the_project_can_be_read():
    assert len(load_segments(PROJECT / "config" / "segments.yml").segments) == 3


def test_check_lists_the_segments_and_names_what_is_wrong(tmp_path, monkeypatch):
    load(tmp_path, SEGMENT)
    monkeypatch.setenv("SAYDO_SEGMENTS_FILE", str(tmp_path / "segments.yml"))
    done = CliRunner().invoke(app, ["segments", "check"], env={"COLUMNS": "200"})
    assert done.exit_code == 0 and "1 segment, all of columns" in done.output
    with pytest.raises(ConfigError):
        load(tmp_path, SEGMENT | {"predicate": "is_in_fluks"})
    done = CliRunner().invoke(app, ["segments", "check"], env={"COLUMNS": "200"})
    assert done.exit_code == 2 and "is_in_flux" in done.output
