"""A small candidate warehouse with the columns that the mart suites read, all rules holding."""

from __future__ import annotations

from pathlib import Path

import duckdb
from action_faults import JOURNEYS, PATHS, STEPS
from action_faults import TABLES as ACTION_TABLES
from decision_faults import TABLES as DECISION_TABLES
from effect_faults import STAKE
from effect_faults import TABLES as EFFECT_TABLES
from experiment_faults import TABLES as EXPERIMENT_TABLES
from gate_home import key
from knowing_faults import FLUX, INFLUENCE, READOUTS, SERVICES, SIGNALS, TOLD
from knowing_faults import TABLES as KNOWING_TABLES
from map_faults import MAPPED
from metric_faults import TABLES as METRIC_TABLES
from recovery_faults import TABLES as RECOVERY_TABLES
from say_do_faults import TABLES as SAY_DO_TABLES
from segment_faults import TABLES as SEGMENT_TABLES
from survey_faults import TABLES as SURVEY_TABLES

from saydo.settings import Settings

CUSTOMERS = ("c_0000000000000001", "c_0000000000000002", "c_0000000000000003")
_MONTHS = ("2025-01-01", "2025-02-01", "2025-03-01")
FIRST = f"customer_id = '{CUSTOMERS[0]}'"
SECOND = f"customer_id = '{CUSTOMERS[1]}'"

MONTHS = "marts.customer_months"
PROFILES = "marts.customer_profiles"
MOVEMENTS = "marts.revenue_movements"
REVENUE = "marts.recurring_revenue_monthly"
COHORTS = "marts.retention_cohorts"
VERSIONS = "marts.customer_profile_versions"
EVENTS = "marts.customer_events"
IDENTIFIERS = "marts.customer_identifiers"
READINESS = "marts.data_readiness"
HISTORY = "marts.release_history"
CHANGES = "marts.identity_changes"
FIGURES = "marts.published_figures"
RESTATED = "marts.restatement_log"
REGISTERED = "intermediate.int_identity_registered"
ACCOUNTS = "intermediate.int_accounts_resolved"
PUBLISHED = "intermediate.int_customers_published"
GONE = "c_0000000000000009"  # merged into the first customer by the release before

_TABLES = """
create schema staging;
create schema intermediate;
create schema marts;

create table intermediate.int_customers_resolved (customer_id varchar);
create table intermediate.int_identifiers_resolved (
    id_type varchar, id_key varchar, customer_id varchar, is_shared boolean,
    valid_from_at timestamp, valid_to_at timestamp
);
create table intermediate.int_identity_registered (
    account_key varchar, customer_id varchar, assignment_number bigint, assigned_at timestamp,
    released_at timestamp
);
create table intermediate.int_accounts_resolved (
    account_key varchar, customer_id varchar, is_minted boolean
);
create table intermediate.int_customers_published (customer_id varchar, is_forgotten boolean);
create table intermediate.int_placeholders_learnt (
    id_type varchar, id_key varchar, account_count bigint
);
create table intermediate.int_features_graded (
    source varchar, feature varchar, row_count bigint
);
create table intermediate.int_orphans_counted_to_sources (
    source varchar, orphan_count bigint, unknown_count bigint, early_count bigint
);
create table intermediate.int_network_sessions_summarised_to_identifier_days (
    id_key varchar, usage_date date, has_total boolean
);
create table staging.stg_operations__published_readiness (
    source varchar, feature varchar, match_ratio decimal(9, 4)
);
create table marts.identity_changes (
    change_type varchar, from_customer_id varchar, to_customer_id varchar, reason varchar,
    release_id varchar, account_count bigint, changed_at timestamp
);
create table intermediate.int_transactions_converted (
    transaction_id varchar, id_type varchar, id_key varchar, transaction_type varchar,
    currency varchar, revenue decimal(38, 14), is_converted boolean, occurred_date date,
    occurred_at timestamp
);
create table intermediate.int_transactions_summarised_to_customers (
    customer_id varchar, fractional_count bigint
);
create table staging.stg_transactions__transactions (
    transaction_id varchar, transaction_type varchar, amount decimal(18, 6), currency varchar
);
create table marts.customer_profiles (
    customer_id varchar, as_of_date date, account_count bigint, customer_status varchar,
    satisfaction_band varchar, latest_satisfaction_score decimal(18, 6),
    experience_score_90d decimal(9, 4), currency_code varchar,
    monthly_recurring_revenue decimal(18, 2), lifetime_revenue decimal(18, 2),
    region_code varchar, customer_type varchar, has_survey boolean, has_transactions boolean,
    has_network boolean, predicted_satisfaction_score decimal(18, 6)
);
create table marts.customer_profile_versions (
    customer_id varchar, plan_code varchar, region_code varchar, customer_type varchar,
    satisfaction_band varchar, customer_status varchar, valid_from_at timestamp,
    valid_to_at timestamp
);
create table intermediate.int_subscription_events_listed (customer_id varchar);
create table intermediate.int_survey_invitations_resolved (customer_id varchar);
create table intermediate.int_survey_responses_resolved (customer_id varchar);
create table intermediate.int_interactions_resolved (customer_id varchar);
create table intermediate.int_outages_resolved_to_customer_days (
    customer_id varchar, is_fault_day boolean
);
create table marts.customer_events (
    customer_id varchar, event_type varchar, source varchar, topic_code varchar,
    amount decimal(18, 2), score decimal(18, 6), occurred_at timestamp, journey_id varchar
);
create table marts.customer_months (
    customer_id varchar, month_start_date date, opening_mrr decimal(18, 2),
    closing_mrr decimal(18, 2), revenue decimal(18, 2), satisfaction_score decimal(9, 4),
    satisfaction_band varchar, experience_score decimal(9, 4)
);
create table marts.revenue_movements (
    customer_id varchar, month_start_date date, movement_type varchar, cause_code varchar,
    currency_code varchar, amount decimal(18, 2), opening_mrr decimal(18, 2),
    closing_mrr decimal(18, 2), is_voluntary boolean
);
create table marts.recurring_revenue_monthly (
    month_start_date date, segment_type varchar, segment_code varchar, currency_type varchar,
    currency_code varchar, opening_mrr decimal(18, 2), new_mrr decimal(18, 2),
    expansion_mrr decimal(18, 2), contraction_mrr decimal(18, 2), churned_mrr decimal(18, 2),
    reactivation_mrr decimal(18, 2), closing_mrr decimal(18, 2), opening_customer_count bigint,
    new_customer_count bigint, churned_customer_count bigint, reactivated_customer_count bigint,
    closing_customer_count bigint
);
create table marts.retention_cohorts (
    cohort_month_start_date date, month_number bigint, month_start_date date,
    customer_count bigint, retained_customer_count bigint, retained_mrr decimal(18, 2)
);
create table marts.customer_identifiers (
    id_type varchar, id_key varchar, customer_id varchar, evidence varchar,
    match_probability decimal(18, 6), is_shared boolean, valid_from_at timestamp,
    valid_to_at timestamp
);
create table marts.data_readiness (
    subject_type varchar, source varchar, feature varchar, grade varchar, why varchar,
    loaded_count bigint, completeness_ratio decimal(9, 4), match_ratio decimal(9, 4),
    coverage_ratio decimal(9, 4), is_fresh boolean, is_late boolean, expected_by_at timestamp
);
create table marts.release_history (
    release_id varchar, content_hash varchar, is_current boolean, as_of_date date,
    published_at timestamp
);
create table intermediate.int_releases_listed as
select 'r0' as release_id, date '2025-03-08' as as_of_date, true as is_current;
create table marts.published_figures (
    table_name varchar, column_name varchar, segment_type varchar, key varchar,
    month_start_date date, value decimal(38, 6)
);
create table intermediate.int_figures_published as from marts.published_figures;
create table marts.restatement_log (
    table_name varchar, key varchar, column_name varchar, old decimal(38, 6), new decimal(38, 6),
    changed_in_release varchar, cause_codes varchar, cause_batch_ids varchar,
    cause_batch_count bigint, month_start_date date
);
create table intermediate.int_restatements_logged as from marts.restatement_log;
"""
# February has come to 60, and March was not over: the release before said 50 of both.
_RESTATED = """
insert into marts.published_figures
select 'customer_months', 'revenue', 'all', strftime(month_start_date, '%Y-%m'), month_start_date,
    sum(revenue)
from marts.customer_months group by month_start_date
union all
select 'customer_profiles', 'customer_count', 'all', '2025-03-09', null, 3;
insert into intermediate.int_figures_published
select * replace (case when key = '2025-01' then value else 50 end as value)
from marts.published_figures where month_start_date is not null;
insert into intermediate.int_restatements_logged values
    ('customer_months', '2025-01', 'revenue', 55, 60, 'r0', 'delivered', 'b-1', 1, '2025-01-01');
insert into marts.restatement_log from intermediate.int_restatements_logged;
insert into marts.restatement_log values
    ('customer_months', '2025-02', 'revenue', 50, 60, null, 'delivered', 'b-2', 1, '2025-02-01');
"""


def write_candidate(warehouse: Path) -> None:
    """Three customers over three months: 20 a month each, one charge a month."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            _TABLES + SURVEY_TABLES + SAY_DO_TABLES + EFFECT_TABLES + EXPERIMENT_TABLES
            + RECOVERY_TABLES + ACTION_TABLES + SEGMENT_TABLES + DECISION_TABLES + KNOWING_TABLES
        )  # fmt: skip

        def insert(table: str, *values: object) -> None:
            marks = ", ".join("?" * len(values))
            connection.execute(f"insert into {table} values ({marks})", values)

        for number, customer in enumerate(CUSTOMERS):
            score, band = ((2, "dissatisfied"), (9.5, "fan"), (None, None))[number]
            insert("intermediate.int_customers_resolved", customer)
            is_new = number == 2
            insert(REGISTERED, f"a{number}", customer, 1, "2025-03-01", None)
            insert(ACCOUNTS, f"a{number}", customer, is_new)
            release = None if is_new else "r0"
            insert(CHANGES, "created", None, customer, "new", release, 1, "2025-03-01")
            if not is_new:
                insert(PUBLISHED, customer, False)
            spans = ("email", key(number), customer, False, None, None)
            insert("intermediate.int_identifiers_resolved", *spans)
            insert(
                "marts.customer_identifiers",
                *("email", key(number), customer, "declared", 1, False, None, None),
            )
            insert(
                "marts.customer_profiles",
                *(customer, "2025-03-09", 1, "active", band, score, 80, "GBP", 20, 60, "north"),
                *("consumer", band is not None, True, True, 6),
            )
            for until, since in (("2025-02-01", None), (None, "2025-02-01")):
                region = "north" if since else "south"
                insert(
                    VERSIONS, customer, "basic", region, "consumer", band, "active", since, until
                )
            insert("intermediate.int_survey_invitations_resolved", customer)
            insert(
                EVENTS,
                *(customer, "survey_invited", "survey_invitations", "wave", None, None),
                *("2025-02-03", f"j_{number + 1}"),
            )
            insert(
                MOVEMENTS,
                *(customer, _MONTHS[0], "new", "plan_taken", "GBP", 20, 0, 20, True),
            )
            for position, month in enumerate(_MONTHS):
                name = f"t{number}{position}"
                insert(
                    "marts.customer_months",
                    *(customer, month, 20 if position else 0, 20, 20, score, band, 80),
                )
                insert(
                    "intermediate.int_transactions_converted",
                    *(name, "email", key(number), "charge", "GBP", 20, True, month, month),
                )
                insert("staging.stg_transactions__transactions", name, "charge", 20, "GBP")
        for position, month in enumerate(_MONTHS):
            opening, new = (60, 0) if position else (0, 60)
            bridge = (opening, new, 0, 0, 0, 0, 60, opening // 20, new // 20, 0, 0, 3)
            for segment in (("all", "all"), ("region_code", "north")):
                insert(REVENUE, month, *segment, "reporting", "GBP", *bridge)
            insert(COHORTS, _MONTHS[0], position, month, 3, 3, 60)
        insert(REGISTERED, "a9", GONE, 1, "2025-02-01", "2025-03-01")
        insert(REGISTERED, "a9", CUSTOMERS[0], 2, "2025-03-01", None)
        insert(CHANGES, "merged", GONE, CUSTOMERS[0], "linked", "r0", 1, "2025-03-01")
        insert(PUBLISHED, "c_0000000000000007", True)  # whose account was erased since
        readiness = ("transactions", "amount", 0.999)
        insert("staging.stg_operations__published_readiness", *readiness)
        insert("intermediate.int_features_graded", "transactions", "amount", 1000)
        insert("intermediate.int_orphans_counted_to_sources", "transactions", 20, 15, 5)
        days = "intermediate.int_network_sessions_summarised_to_identifier_days"
        insert(days, key(1), "2025-01-01", False)
        # What nobody owns is landed, and in no customer's figures.
        insert(
            "intermediate.int_transactions_converted",
            *("t9", "email", key(9), "charge", "GBP", 5, True, "2025-01-01", "2025-01-01"),
        )
        insert("staging.stg_transactions__transactions", "t9", "charge", 5, "GBP")
        insert(
            "marts.data_readiness",
            *("source", "transactions", "amount", "A", "no", 1000, 1, 0.999, 1, True, False, None),
        )
        connection.execute(_RESTATED + METRIC_TABLES + TOLD + ";" + MAPPED)


# A candidate of a business that has delivered its accounts alone.
ACCOUNTS_ONLY = (
    *(f"delete from {table}" for table in (MONTHS, MOVEMENTS, REVENUE, COHORTS, EVENTS)),
    *(f"delete from {table}" for table in (JOURNEYS, STEPS, PATHS, FLUX, SIGNALS)),
    *(f"delete from {table}" for table in (SERVICES, READOUTS, INFLUENCE)),
    "delete from intermediate.int_survey_invitations_resolved",
    f"delete from {FIGURES} where month_start_date is not null",
    "delete from intermediate.int_figures_published",
    "delete from intermediate.int_transactions_converted",
    "delete from staging.stg_transactions__transactions",
    f"update {PROFILES} set monthly_recurring_revenue = 0, lifetime_revenue = 0, "
    "has_survey = false, has_transactions = false, has_network = false",
    f"update {STAKE} set monthly_recurring_revenue = 0, monthly_revenue_effect = null, "
    "ci_low = null, ci_high = null, rank = null, is_publishable = false, "
    "not_publishable_reason = 'few'",
)


def change(settings: Settings, *statements: str) -> None:
    """Spoil, or alter, a candidate."""
    with duckdb.connect(str(settings.warehouse)) as connection:
        for statement in statements:
            connection.execute(statement)
