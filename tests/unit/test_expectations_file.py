"""What a deadline or a list of who is told may say, and the nearest right value of what is not."""

from __future__ import annotations

import pytest
import yaml

from saydo.config import Expect, Policy, load_feeds, load_notices
from saydo.errors import ConfigError
from saydo.landing.snapshots import check_days
from saydo.settings import PROJECT

FEED = {
    "name": "till", "source": "accounts", "path": "x.csv", "format": "csv",
    "columns": {"account_id": "a", "opened_at": "b"},
}  # fmt: skip


def feeds_with(tmp_path, expect: str):
    text = yaml.safe_dump({"feeds": [FEED]}) + f"  expect: {expect}\n"
    (tmp_path / "feeds.yml").write_text(text)
    return load_feeds(tmp_path / "feeds.yml")


@pytest.mark.parametrize(
    ("expect", "rhythm"),
    [
        ('{by: "06:00"}', "day"),
        ("{by: 06:00, every: weekday}", "weekday"),  # YAML leaves this one a text
        ('{by: "23:59", every: month, min_rows: 0}', "month"),
    ],
)
def test_a_time_is_enough_and_a_rhythm_says_more(tmp_path, expect, rhythm):
    found = feeds_with(tmp_path, expect).feed("till").expect
    assert found.rhythm == rhythm
    assert f"{found.clock:%H:%M}" == found.by


@pytest.mark.parametrize(
    ("expect", "says"),
    [
        ('{by: "6:00"}', "did you mean '06:00'"),
        ("{by: 16:30}", "did you mean '16:30'"),  # YAML reads a number to the base of sixty
        ("{by: 6}", "did you mean '06:00'"),
        ('{by: "6 pm"}', "did you mean '18:00'"),
        ('{by: "24:00"}', "such as '06:00'"),
        ("{by: noon}", "such as '06:00'"),
        ("{by: true}", "such as '06:00'"),
        ('{by: "06:00", every: daily}', "unknown rhythm 'daily'; did you mean 'day'?"),
        ('{by: "06:00", every: 1}', "valid: day, weekday, week, month"),
        ("{every: day}", "give `by`, such as '06:00'"),
        ('{bye: "06:00"}', "unknown key 'bye'; did you mean 'by'?"),
    ],
)
def test_a_deadline_that_is_none_is_an_error_with_the_nearest_right_one(tmp_path, expect, says):
    with pytest.raises(ConfigError, match=r"feeds\.0\.expect") as told:
        feeds_with(tmp_path, expect)
    assert says in str(told.value)


def test_the_day_in_a_name_is_an_expression_over_the_name_alone(tmp_path):
    feed = feeds_with(tmp_path, '{by: "06:00", date: "opened + 1"}').feed("till")
    with pytest.raises(ConfigError, match=r"feeds\.till\.expect\.date"):
        check_days(feed)


def test_a_policy_about_lateness_that_is_none_is_an_error():
    with pytest.raises(ValueError, match="'tell' or 'refuse'"):
        Policy.model_validate({"landing": {"on_late": "stop"}})
    assert Policy().landing.on_late == "tell"
    assert Expect().by is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("publishd: [ops]", "unknown key 'publishd'; did you mean 'published'?"),
        ("published: [ops, ops]", "named twice: ops"),
        ("published: ['slack://a/b/c']", "published.0"),
    ],
)
def test_who_is_told_is_the_ids_of_connections_and_no_address(tmp_path, text, says):
    (tmp_path / "notices.yml").write_text(text)
    with pytest.raises(ConfigError) as told:
        load_notices(tmp_path / "notices.yml")
    assert says in str(told.value) and "slack://" not in str(told.value)


def test_the_file_that_comes_with_saydo_tells_nobody_and_names_every_kind():
    file = PROJECT / "config" / "notices.yml"
    found = load_notices(file)
    assert found.connections == ()
    assert set(yaml.safe_load(file.read_text())) == set(type(found).model_fields)
