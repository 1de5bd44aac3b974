"""What may be wrong with a candidate's service recovery: (SQL, rules that fail)."""

from __future__ import annotations

from decision_faults import CREDITS_LOGGED

QUEUE = "marts.service_recovery_queue"
OUTCOMES = "marts.service_recovery_outcomes"
_CREDITED = "c_0000000000000001"

TABLES = f"""
create table intermediate.int_credits_resolved (customer_id varchar, incident_date date);
insert into intermediate.int_credits_resolved values
    ('{_CREDITED}', '2025-03-01'), ('c_0000000000000002', '2025-03-01');
create table intermediate.int_credits_assigned_to_customers (
    customer_id varchar, policy_version bigint
);
insert into intermediate.int_credits_assigned_to_customers
select 'c_' || n, 1 from range(100) t(n);
create table {QUEUE} (
    customer_id varchar, incident_date date, incident_id varchar, policy_code varchar,
    policy_version bigint, decision_id varchar, decision varchar, reason varchar,
    satisfaction_band varchar, currency_code varchar, release_id varchar,
    fault_minutes decimal(18, 6), credit_amount decimal(18, 2), is_measured boolean,
    has_consent boolean, decided_at timestamp, handed_over_at timestamp
);
insert into {QUEUE} values
    ('{_CREDITED}', '2025-03-01', 'i1', 'recovery', 1, 'd_1', 'credit', null, 'fan', 'GBP',
        'r0', 90, 2, true, true, '2025-03-02', '2025-03-03'),
    ('c_0000000000000002', '2025-03-01', 'i1', 'recovery', 1, 'd_2', 'too_small', 'short', null,
        'GBP', 'r0', 9, 1, false, true, '2025-03-02', null),
    ('c_0000000000000003', '2025-03-09', 'i2', 'recovery', 1, null, null, null, null, 'GBP', null,
        90, 2, true, true, null, null);
create table {OUTCOMES} (
    policy_code varchar, policy_version bigint, horizon_days bigint, satisfaction_band varchar,
    credited_count bigint, holdout_count bigint, pending_count bigint,
    churn_difference decimal(9, 6), churn_ci_low decimal(9, 6), churn_ci_high decimal(9, 6),
    satisfaction_difference decimal(9, 4), satisfaction_ci_low decimal(9, 4),
    satisfaction_ci_high decimal(9, 4), revenue_difference decimal(18, 2),
    revenue_ci_low decimal(18, 2), revenue_ci_high decimal(18, 2), why_not varchar,
    is_measurable boolean
);
insert into {OUTCOMES}
select 'recovery', 1, days, band, case when days < 90 then 60 else 0 end,
    case when days < 90 then 40 else 0 end, case when days < 90 then 0 else 100 end,
    case when days < 90 then -0.05 end, case when days < 90 then -0.1 end,
    case when days < 90 then 0.01 end, null, null, null, case when days < 90 then 3 end,
    case when days < 90 then -1 end, case when days < 90 then 7 end,
    case when days = 90 then 'too early' end, days < 90
from (values (30), (60), (90)) h(days), (values ('all'), ('fan')) b(band);
"""
_HALF = "what is decided says what, when and on which release; what waits nothing"
ALLOWED = "what waits is worth a credit within the policy, and of the days looked at"
_KEPT = "every decision about a customer that there is is in the queue"
_SAYS_WHY = "what is not measurable says why and has no figure, what is has one"
_BANDS = "a band is part of everybody, and the bands are everybody"
_ONCE = "everybody assigned is measured or pending, once a version and horizon"
_LATE = "where decided_at is null"

FAILING = {
    "a customer's day twice": (
        f"insert into {QUEUE} from {QUEUE} {_LATE}",
        {"expect_compound_columns_to_be_unique(customer_id, incident_date)"},
    ),
    "a decision lost": (f"delete from {QUEUE} where decision = 'credit'", {_KEPT, CREDITS_LOGGED}),
    "a decision of no kind": (
        f"update {QUEUE} set decision = 'sorry' where decision = 'too_small'",
        {"expect_column_values_to_be_in_set(decision)"},
    ),
    "a decision without its release": (
        f"update {QUEUE} set release_id = null where decision = 'credit'",
        {_HALF},
    ),
    "somebody handed over who was not credited": (
        f"update {QUEUE} set handed_over_at = decided_at where decision = 'too_small'",
        {_HALF},
    ),
    "a credit above the most": (f"update {QUEUE} set credit_amount = 900 {_LATE}", {ALLOWED}),
    "a fault of months ago": (
        f"update {QUEUE} set incident_date = '2025-01-01' {_LATE}",
        {ALLOWED},
    ),
    "a credit of a policy that is not": (
        f"update {QUEUE} set policy_version = 7 {_LATE}",
        {ALLOWED},
    ),
    "more minutes than a day has": (
        f"update {QUEUE} set fault_minutes = 99999 {_LATE}",
        {"expect_column_values_to_be_between(fault_minutes)"},
    ),
    "an outcome outside its interval": (
        f"update {OUTCOMES} set churn_difference = 0.2 where horizon_days = 30",
        {"a difference lies in its interval"},
    ),
    "an outcome that cannot be": (
        f"update {OUTCOMES} set churn_difference = 2, churn_ci_high = 3 where horizon_days = 30",
        {"expect_column_values_to_be_between(churn_difference)"},
    ),
    "a figure where nothing is measurable": (
        f"update {OUTCOMES} set revenue_difference = 1 where horizon_days = 90",
        {_SAYS_WHY},
    ),
    "a gap that nobody explains": (
        f"update {OUTCOMES} set why_not = null where horizon_days = 90",
        {_SAYS_WHY},
    ),
    "a customer in the bands who is not in everybody": (
        f"update {OUTCOMES} set holdout_count = 41 "
        "where horizon_days = 60 and satisfaction_band = 'fan'",
        {_BANDS},
    ),
    "an assigned customer lost": (
        "delete from intermediate.int_credits_assigned_to_customers where customer_id = 'c_1'",
        {_ONCE},
    ),
    "a band of no kind, twice": (
        f"insert into {OUTCOMES} select * replace ('glad' as satisfaction_band, 0 as "
        f"credited_count, 0 as holdout_count) from {OUTCOMES} where horizon_days = 90",
        {
            "expect_column_values_to_be_in_set(satisfaction_band)",
            "expect_compound_columns_to_be_unique(policy_version, horizon_days, satisfaction_band)",
        },
    ),
}
