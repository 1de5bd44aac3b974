"""A small candidate warehouse and its audit, as the build and `gate_marts` leave them."""

import json
from datetime import date
from pathlib import Path

import duckdb

from saydo.release.audit import identify
from saydo.release.database import attach
from saydo.settings import Settings

AS_OF = date(2025, 3, 31)


def build_candidate(settings: Settings, as_of: date = AS_OF, customers: int = 40) -> None:
    """Write warehouse.duckdb with seven marts and a registry, and an audit that passed."""
    settings.home.mkdir(parents=True, exist_ok=True)
    settings.warehouse.unlink(missing_ok=True)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("set variable as_of = ?::date", [as_of])
        connection.execute("set variable customers = ?::integer", [customers])
        connection.execute(CANDIDATE)
    audit(settings)


def audit(settings: Settings, **changes) -> None:
    """Write the gate's summary for the candidate as it is now."""
    folder = settings.state / "gate" / "marts"
    folder.mkdir(parents=True, exist_ok=True)
    summary = {
        "checked_at": "2025-04-01T04:00:00Z",
        "success": True,
        "evaluated_count": 12,
        "failed": {"critical": 0, "warning": 1},
        "warnings": ["customer_months: the volume <b>changed</b> by half. Ask the feed's owner."],
        "suites": [],
    }
    with duckdb.connect() as connection:
        attach(connection, settings.warehouse, "candidate")
        summary |= identify(connection, "candidate")
    (folder / "summary.json").write_text(json.dumps(summary | changes))


CANDIDATE = """
create schema marts; create schema intermediate;
create table marts.customer_profiles as
select 'c_' || lpad(i::varchar, 16, '0') as customer_id, getvariable('as_of') as as_of_date,
    case when i % 4 = 0 then 'lapsed' else 'active' end as customer_status,
    case i % 4 when 0 then null when 1 then 'dissatisfied' when 2 then 'neutral' else 'fan' end
        as satisfaction_band,
    (i % 11)::decimal(18, 6) as latest_satisfaction_score, 'GBP' as currency_code,
    (i * 1.25)::decimal(18, 2) as monthly_recurring_revenue,
    (i * 3)::decimal(18, 2) as revenue_90d, (i % 100)::decimal(18, 2) as experience_score_30d
from range(1, getvariable('customers') + 1) numbers(i);
comment on table marts.customer_profiles is 'One row per customer''s profile.';
comment on column marts.customer_profiles.customer_id is 'The resolved customer.';
create table marts.customer_months as
select customer_id, month_start_date, true as is_active,
    monthly_recurring_revenue as closing_mrr, latest_satisfaction_score as satisfaction_score,
    experience_score_30d as experience_score
from marts.customer_profiles, (values (date '2025-02-01'), (date '2025-03-01')) m(month_start_date);
create table marts.customer_identifiers as
select 'email' as id_type, sha256(customer_id) as id_key, customer_id,
    timestamp '2024-01-01' as valid_from_at, null::timestamp as valid_to_at, false as is_shared
from marts.customer_profiles;
create table marts.data_readiness as
select 'transactions' as source, 'amount' as feature, 'B' as grade, 'it is late' as why,
    40::bigint as loaded_count, 2::bigint as quarantined_count, 0.9::decimal(9, 4) as match_ratio,
    1::decimal(9, 4) as coverage_ratio, timestamp '2025-03-31 22:00' as last_event_at,
    timestamp '2025-04-01 03:00' as last_loaded_at, true as is_fresh;
create table marts.identity_changes as
select 'created' as change_type, null::varchar as from_customer_id, customer_id as to_customer_id,
    'new' as reason, null::varchar as release_id, 1::bigint as account_count,
    timestamp '2025-04-01' as changed_at
from marts.customer_profiles;
insert into marts.identity_changes values ('merged', 'c_9999999999999999', 'c_0000000000000001',
    'linked', 'r0', 1, timestamp '2025-03-01');
create table marts.metrics_daily as
select day_date, metric_code, 'all' as segment_type, 'all' as segment_code,
    value::decimal(38, 6) as value, standard_error::decimal(38, 6) as standard_error,
    denominator::decimal(38, 6) as denominator, unit, true as is_month_over
from (values (date '2025-02-28'), (getvariable('as_of'))) days(day_date), (values
    ('customers', getvariable('customers'), null, null, 'customers'),
    ('active_customers', 30, null, null, 'customers'), ('mrr', 1025, null, null, 'GBP'),
    ('nrr', 1.0123, null, 900, 'ratio'), ('nps', -12.34, 5.67, 38.4, 'points'),
    ('satisfaction_score', 4.834, 0.123, 40, 'score_0_10'),
    ('experience_score', 71.25, null, 40, 'score_0_100')
) metrics(metric_code, value, standard_error, denominator, unit);
create table marts.release_history (
    release_id varchar, as_of_date date, published_at timestamp, is_current boolean,
    code_version varchar, content_hash varchar, evaluated_count bigint, warning_count bigint
);
create table intermediate.int_identity_registered as
select md5(customer_id) as account_key, customer_id from marts.customer_profiles;
"""


def make_settings(folder: Path) -> Settings:
    """Settings of a home below `folder`, with a configuration of its own."""
    (folder / "feeds.yml").write_text("feeds: []\n")
    (folder / "policy.yml").write_text("{}\n")
    return Settings(
        home=folder / "home",
        feeds_file=folder / "feeds.yml",
        policy_file=folder / "policy.yml",
        memory_limit="500MB",
        threads=2,
    )
