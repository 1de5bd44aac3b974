"""Relationships as files: both ends are hashed, each by its own type, and both are judged."""

from __future__ import annotations

import pytest
from landing_home import Home

from saydo.errors import DeliveryRefused
from saydo.landing import examine_feeds
from saydo.landing.mapping_hash import mapping_hash
from saydo.landing.pseudonyms import hash_identifier

COLUMNS = {
    "id_type": "'account_id'",
    "id_value": "who",
    "to_id_type": "kind",
    "to_id_value": "whom",
    "relation_type": "relation",
    "since_at": "since",
    "until_at": "until",
    "weight": "weight",
}
HEAD = "who,kind,whom,relation,since,until,weight"


def feed_relations(home: Home, **columns: str) -> None:
    feed = {"name": "r", "source": "relationships", "path": "r*", "format": "csv"}
    home.feed({**feed, "columns": COLUMNS | columns, "expect": {"max_reject_ratio": 1}})


def test_both_ends_land_as_the_keys_of_their_own_types(home: Home) -> None:
    feed_relations(home)
    rows = (
        "A1,account_id,A2,referral,2024-01-01,,",
        "A1,email,Jo@Example.com,contact,2024-01-01,2024-02-01,0.5",
    )
    home.deliver("\n".join((HEAD, *rows)), "r.csv")
    assert home.land()["loaded_count"] == 2

    def key(id_type: str, value: str) -> str:
        return hash_identifier(home.settings, id_type, value)

    whose = "id_type, id_key, to_id_type, to_id_key, relation_type, weight"
    assert sorted(home.rows(whose, "relationships")) == sorted(
        [
            ("account_id", key("account_id", "A1"), "account_id", key("account_id", "A2"),
             "referral", None),
            ("account_id", key("account_id", "A1"), "email", key("email", "jo@example.com"),
             "contact", 0.5),
        ]
    )  # fmt: skip


def test_what_is_wrong_with_either_end_is_told_of_its_column(home: Home) -> None:
    feed_relations(home)
    rows = (
        "A1,account_id,A2,referral,2024-01-01,,",
        "A1,shoe_size,43,referral,2024-01-01,,",
        "A1,email,nobody,referral,2024-01-01,,",
        "A1,account_id,1.2E+15,referral,2024-01-01,,",
        "A1,account_id,,referral,2024-01-01,,",
        "A1,account_id,A2,marriage,2024-01-01,,",
        "A1,account_id,A2,referral,2024-01-01,2023-01-01,",
        "A1,account_id,A2,referral,2024-01-02,,0",
    )
    home.deliver("\n".join((HEAD, *rows)), "r.csv")
    assert home.land()["loaded_count"] == 1
    assert home.quarantined("column_name, reason_code") == [
        ("to_id_type", "unknown_id_type"),
        ("to_id_value", "unreadable_identifier"),
        ("to_id_value", "spreadsheet_number"),
        ("to_id_value", "missing_required"),
        ("relation_type", "not_allowed"),
        ("until_at", "ends_before_it_begins"),
        ("weight", "out_of_range"),
    ]


def test_one_relation_told_twice_with_other_values_refuses_the_file(home: Home) -> None:
    feed_relations(home)
    row = "A1,account_id,A2,referral,2024-01-01,,"
    home.deliver("\n".join((HEAD, row + "1", row + "2")), "r.csv")
    with pytest.raises(DeliveryRefused, match=r"1 of 2 rows share a key .*to_id_value"):
        home.land()


def test_numbers_without_a_country_are_told_of_the_other_end_too(home: Home) -> None:
    feed_relations(home, to_id_type="'msisdn'")
    home.deliver("\n".join((HEAD, "A1,x,07700900123,contact,2024-01-01,,")), "r.csv")
    told = {problem.column: problem.reason for problem in examine_feeds(home.settings)}
    assert "1 of 1 telephone numbers name no country" in told["to_id_value"]
    assert "id_value" not in told


def test_a_batch_remembers_the_types_of_both_ends(home: Home) -> None:
    feed_relations(home, to_id_type="'msisdn'")
    before = mapping_hash(home.settings, home.settings.feeds.feeds[0])
    home.config["business"] = {"country": "GB"}
    feed_relations(home, to_id_type="'msisdn'")
    assert mapping_hash(home.settings, home.settings.feeds.feeds[0]) != before
