"""What a value does not say is the business's: the zone of a time, the country of a number."""

from __future__ import annotations

import csv
import io

import duckdb
import phonenumbers
import pytest
from landing_home import Home, payment
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from saydo.errors import ConfigError
from saydo.landing import check_feeds, examine_feeds, hash_identifier
from saydo.landing.telephone import number_sql

FORMS = (PhoneNumberFormat.NATIONAL, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.RFC3966)


def test_a_time_without_a_zone_is_of_the_feed_else_of_the_business(home: Home) -> None:
    home.config["business"] = {"timezone": "Asia/Kolkata"}
    home.deliver_lines(
        payment(1, paid="2024-05-15 12:00:00"), payment(2, paid="2024-05-15T12:00:00Z")
    )
    home.land()
    home.feed(name="utc", timezone="UTC")
    home.land()
    assert home.rows("occurred_at::varchar") == [
        ("2024-05-15 06:30:00",),
        ("2024-05-15 12:00:00",),
        ("2024-05-15 12:00:00",),
        ("2024-05-15 12:00:00",),
    ]


@pytest.mark.parametrize(
    ("zone", "paid", "is_told"),
    [
        (None, "2024-05-15 12:00:00", True),
        (None, "2024-05-15", True),
        (None, "2024-05-15T12:00:00Z", False),
        ("UTC", "2024-05-15 12:00:00", False),
    ],
)
def test_feeds_check_tells_in_which_zone_naive_times_are_read(
    home: Home, zone: str | None, paid: str, is_told: bool
) -> None:
    home.config["business"] = {"timezone": "Asia/Kolkata"}
    home.feed(timezone=zone)
    home.deliver_lines(payment(1, paid=paid))
    told = [
        (p.column, p.reason) for p in examine_feeds(home.settings) if "Asia/Kolkata" in p.reason
    ]
    assert [column for column, _ in told] == ["occurred_at"] * is_told
    assert check_feeds(home.settings) == []


def ways_to_write(country: str) -> dict[str, str]:
    """Every way to write an example number of a country, to its digits with the calling code."""
    found = {}
    for kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE):
        if example := phonenumbers.example_number_for_type(country, kind):
            digits = phonenumbers.format_number(example, PhoneNumberFormat.E164)[1:]
            ways = [phonenumbers.format_number(example, form) for form in FORMS]
            national = phonenumbers.national_significant_number(example)
            found |= dict.fromkeys((*ways, national, f"00{digits}", digits), digits)
    return found


def test_every_country_writes_one_number_in_many_ways() -> None:
    """The numbering plans of all countries, against the library that knows them."""
    wrong = []
    for country in phonenumbers.SUPPORTED_REGIONS:
        ways = ways_to_write(country)
        query = f"select way, {number_sql('way', country)} from (select unnest(?) as way)"
        found = duckdb.execute(query, [list(ways)]).fetchall()
        wrong += [(country, way, digits) for way, digits in found if digits != ways[way]]
    assert wrong == []


def test_a_country_does_not_change_what_says_its_own() -> None:
    written = ["+44 (0)7700 900123", "0044 7700 900123", "44 (0)7700 900123", "0033612345678"]
    for country in (None, "GB", "US", "IT", "DE"):
        query = f"select {number_sql('way', country)} from (select unnest(?) as way)"
        found = [digits for (digits,) in duckdb.execute(query, [written]).fetchall()]
        assert found == ["447700900123"] * 3 + ["33612345678"], country


def test_national_numbers_are_of_the_country_in_landing_and_in_a_look_up(home: Home) -> None:
    home.config["business"] = {"country": "GB"}
    home.feed(columns={"id_type": "'msisdn'"})
    written = ["+44 7700 900123", "07700 900123", "(07700) 900-123", "7700900123", "447700900123"]
    home.deliver_lines(*(payment(n, mail=way) for n, way in enumerate(written)))
    home.land()
    keys = {key for (key,) in home.rows("id_key")}
    keys |= {hash_identifier(home.settings, "msisdn", way) for way in written}
    assert len(keys) == 1


def test_feeds_check_tells_of_numbers_without_a_country(home: Home) -> None:
    home.feed(columns={"id_type": "'msisdn'"})
    lines = [
        payment(n, mail=way) for n, way in enumerate(["07700 900123", "+447700900124", "12345"])
    ]
    home.deliver_lines(*lines)
    told = [p.reason for p in examine_feeds(home.settings) if p.column == "id_value"]
    assert len(told) == 1 and told[0].startswith("2 of 3 telephone numbers name no country")
    assert "business.country" in told[0] and "7700" not in told[0]
    home.config["business"] = {"country": "GB"}
    told = [p.reason for p in examine_feeds(home.settings) if p.column == "id_value"]
    assert len(told) == 1 and told[0].startswith("1 of 3 telephone numbers name no country")


def test_a_country_is_one_of_iso_3166(home: Home) -> None:
    home.config["business"] = {"country": "UK"}
    with pytest.raises(ConfigError, match=r"business\.country: unknown country"):
        _ = home.settings.feeds


def test_a_quoted_header_is_no_reason_not_to_ask_for_a_line(home: Home) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows(
        [["id", "mail", "paid", "kind", "amount", "currency"], payment(1).split(",")]
    )
    home.feed(columns={"product_code": "line_number"})
    home.deliver(buffer.getvalue())
    home.land()
    assert home.rows("product_code") == [("2",)]
