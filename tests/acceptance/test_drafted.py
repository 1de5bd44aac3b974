"""A business from its first draft to a release: four tools' deliveries, and no line edited.

`made_deliveries` says what each holds; the figures here are counted from it by hand.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import made_deliveries
import pytest
from whole_business import Business, run_all

from saydo.draft import doubts_of, draft_feeds, to_yaml
from saydo.landing import check_feeds
from saydo.settings import Settings

TOOLS = ("typeform", "surveymonkey", "google_forms", "cdr")


def drafted(folder, *deliveries: dict[str, str]) -> Settings:
    """A home with deliveries, and the feeds.yml that a draft of them is, as it came."""
    landing = folder / "home" / "landing"
    files = made_deliveries.deliver(landing, *deliveries)
    draft = draft_feeds([(file, file.relative_to(landing).as_posix()) for file in files])
    assert draft.findings == [] and not doubts_of(draft)["missing"]
    (folder / "feeds.yml").write_text(to_yaml(draft))
    return Settings(home=folder / "home", feeds_file=folder / "feeds.yml", memory_limit="2GB")


@pytest.fixture(scope="module")
def business(tmp_path_factory) -> Business:
    made = [getattr(made_deliveries, name)() for name in ("crm", "invoices", *TOOLS)]
    settings = drafted(tmp_path_factory.mktemp("drafted"), *made)
    return Business(settings, run_all(settings))


@pytest.mark.parametrize("tool", TOOLS)
def test_a_tools_delivery_beside_the_accounts_needs_no_edit(tmp_path, tool):
    settings = drafted(tmp_path, made_deliveries.crm(), getattr(made_deliveries, tool)())
    assert check_feeds(settings) == []
    (feed,) = [
        feed
        for feed in settings.feeds.feeds
        if feed.source in ("survey_responses", "network_sessions")
    ]
    shape = (feed.header_rows, feed.unpivot is not None, [step.column for step in feed.unnest])
    assert (feed.source, feed.columns["id_type"], *shape) == {
        "typeform": ("survey_responses", "'account_id'", 1, False, ["form_response.answers"]),
        "surveymonkey": ("survey_responses", "'email'", 2, True, []),
        "google_forms": ("survey_responses", "'email'", 1, True, []),
        "cdr": ("network_sessions", "'msisdn'", 1, False, []),
    }[tool]


def test_every_row_is_a_customers(business):
    assert business.value("select count(*) from customer_profiles") == 6
    assert business.rows("select source from data_readiness where match_ratio < 1") == []


def test_pence_are_read_as_pounds_and_a_refund_is_taken_off(business):
    assert business.value("select sum(lifetime_revenue) from customer_profiles") == Decimal(
        "355.00"
    )
    assert business.rows(
        "select month_start_date, sum(closing_mrr) from customer_months "
        "where month_start_date >= '2025-01-01' group by 1 order by 1"
    ) == [(datetime(2025, month, 1).date(), Decimal("150.00")) for month in (1, 2, 3)]


def answers(business: Business, survey: str) -> list[tuple]:
    return business.rows(
        "select question_role, stated_score, score, responded_at "
        "from warehouse.staging.stg_survey__responses where survey_code = ? and score is not null "
        "order by question_role, responded_at",
        survey,
    )


def test_a_nested_webhook_gives_an_answer_for_each_element(business):
    at = [datetime(2025, 3, day, 9 + day) for day in (1, 2, 3)]
    assert answers(business, "pulse") == [
        ("overall_satisfaction", 5, 10, at[0]),
        ("overall_satisfaction", 3, 5, at[1]),
        ("overall_satisfaction", 4, Decimal("7.5"), at[2]),
        ("recommend", 9, 9, at[0]),
        ("recommend", 6, 6, at[1]),
        ("recommend", 10, 10, at[2]),
    ]
    assert business.rows(
        "select answer_text from warehouse.staging.stg_survey__responses "
        "where survey_code = 'pulse' and question_code = 'why' order by 1"
    ) == [("fine",), ("quick",)]


def test_two_header_lines_give_a_question_for_each_part(business):
    ann, dee, eli = (
        datetime(2025, 2, 14, 9, 5),
        datetime(2025, 2, 15, 13, 31),
        datetime(2025, 2, 16, 8, 2),
    )
    assert answers(business, "customer_survey") == [
        ("network_satisfaction", 5, 10, ann),
        ("network_satisfaction", 2, Decimal("2.5"), dee),
        ("price_satisfaction", 4, Decimal("7.5"), ann),
        ("price_satisfaction", 1, 0, dee),
        ("price_satisfaction", 3, 5, eli),
        ("recommend", 10, 10, ann),
        ("recommend", 3, 3, dee),
        ("recommend", 8, 8, eli),
    ]


def test_question_texts_that_name_columns_become_roles(business):
    bob, cas, fay = (
        datetime(2025, 1, 20, 10, 5, 33),
        datetime(2025, 1, 21, 18, 30),
        datetime(2025, 1, 22, 7, 0, 1),
    )
    assert answers(business, "service_feedback_responses") == [
        ("overall_satisfaction", 4, Decimal("7.5"), bob),
        ("overall_satisfaction", 2, Decimal("2.5"), cas),
        ("overall_satisfaction", 5, 10, fay),
        ("recommend", 8, 8, bob),
        ("recommend", 0, 0, cas),
        ("recommend", 10, 10, fay),
    ]


def test_the_newest_answer_of_each_customer_is_in_the_profile(business):
    assert business.rows(
        "select latest_satisfaction_score, latest_recommend_score from customer_profiles "
        "order by first_seen_at"
    ) == [
        (10, 9),
        (5, 6),
        (Decimal("7.5"), 10),
        (None, 3),
        (None, 8),
        (10, 10),
    ]


def test_calls_count_for_who_rang_in_minutes_of_their_day(business):
    assert business.rows(
        "select count(*), sum(usage_minutes), min(started_at), max(ended_at) "
        "from warehouse.staging.stg_network__sessions"
    ) == [(5, Decimal("16.5"), datetime(2025, 3, 1, 9), datetime(2025, 3, 2, 12, 10))]
    assert business.value("select sum(session_count) from customer_months") == 5


def test_no_mail_and_no_number_stands_in_the_draft(business):
    text = business.settings.feeds_file.read_text()
    for number, mail, mobile, *_ in made_deliveries.CUSTOMERS:
        for value in (number, mail, mobile, mobile.replace("+", "").replace(" ", "")):
            assert value not in text
