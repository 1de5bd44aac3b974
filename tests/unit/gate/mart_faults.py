"""What may be wrong with a candidate, and the rules that must say so: (SQL, rules that fail)."""

from __future__ import annotations

from effect_faults import PAID
from gate_candidate import (
    ACCOUNTS,
    CHANGES,
    CUSTOMERS,
    FIRST,
    GONE,
    IDENTIFIERS,
    MONTHS,
    PROFILES,
    PUBLISHED,
    REGISTERED,
    SECOND,
)
from gate_home import PERSONAL, key
from history_faults import DIFFERS, FAILING_OF_HISTORY
from knowing_faults import PROFILE, WITHOUT_PROFILE
from readiness_faults import FAILING_OF_READINESS
from recovery_faults import ALLOWED
from release_faults import FAILING_OF_RELEASES, OF_TABLES

from expectations.marts.identity_changes import KEY

FAILING = {
    # customer_profiles
    "26 a join that fans out": (
        f"insert into {PROFILES} from {PROFILES} where {FIRST}",
        {
            "expect_column_values_to_be_unique(customer_id)",
            "one profile per resolved customer",
            "recurring revenue of profiles is the closing one of the last month",
            "lifetime revenue of profiles is the revenue of all their months",
            PAID,
            OF_TABLES,
        },
    ),
    "27 a join that loses a customer": (
        f"delete from {PROFILES} where {FIRST}",
        {
            "one profile per resolved customer",
            "recurring revenue of profiles is the closing one of the last month",
            "lifetime revenue of profiles is the revenue of all their months",
            "every customer has a profile",
            "every owner has a profile",
            "every customer with a version has a profile",
            "every customer of an event has a profile",
            PAID,
            OF_TABLES,
            *WITHOUT_PROFILE,
        },
    ),
    "27 a customer whose answers and payments are in no month": (
        f"delete from {MONTHS} where {SECOND}",
        {
            "every customer that a source of facts knows has months",
            "recurring revenue of profiles is the closing one of the last month",
            "lifetime revenue of profiles is the revenue of all their months",
            "revenue is that of every owned transaction, to the cent",
            OF_TABLES,
            "everybody's recurring revenue is that of the customers' months",
            "the cohorts of a month pay what the month closes with",
            "movements add up to the recurring revenue of the last month",
        },
    ),
    "a score off its scale": (
        f"update {PROFILES} set latest_satisfaction_score = 95 where {SECOND}",
        {"expect_column_values_to_be_between(latest_satisfaction_score)"},
    ),
    "a band that the score does not earn": (
        f"update {PROFILES} set satisfaction_band = 'neutral' where {FIRST}",
        {"satisfaction_band is the band of latest_satisfaction_score", DIFFERS},
    ),
    "an unknown status": (
        f"update {PROFILES} set customer_status = 'asleep' where {FIRST}",
        {"expect_column_values_to_be_in_set(customer_status)", PAID, DIFFERS},
    ),
    "another currency": (
        f"update {PROFILES} set currency_code = 'USD' where {FIRST}",
        {"expect_column_values_to_be_in_set(currency_code)"},
    ),
    "31 a giant component": (
        f"update {PROFILES} set account_count = 51 where {FIRST}",
        {
            "expect_column_values_to_be_between(account_count)",
            "warning: no customer is far larger than any of the last release",
        },
    ),
    "31 a customer that grew beyond any": (
        f"update {PROFILES} set account_count = 8 where {FIRST}",
        {"warning: no customer is far larger than any of the last release"},
    ),
    "66 an e-mail address": (
        f"update {PROFILES} set region_code = '{PERSONAL}' where {FIRST}",
        {"nothing personal in any column", DIFFERS},
    ),
    "66 a telephone number": (
        f"update {PROFILES} set region_code = '+447911123456' where {FIRST}",
        {"nothing personal in any column", DIFFERS},
    ),
    "66 a national telephone number": (
        f"update {PROFILES} set region_code = '07911123456' where {FIRST}",
        {"nothing personal in any column", DIFFERS},
    ),
    "an experience score off its scale": (
        f"update {PROFILES} set experience_score_90d = 101 where {FIRST}",
        {"expect_column_values_to_be_between(experience_score_90d)"},
    ),
    "no as-of date": (
        f"update {PROFILES} set as_of_date = null where {FIRST}",
        {"expect_column_values_to_not_be_null(as_of_date)", OF_TABLES, PROFILE},
    ),
    # customer_months
    "a missing month": (
        f"delete from {MONTHS} where {FIRST} and month_start_date = date '2025-02-01'",
        {
            "months are dense, up to the month of the as-of date",
            "revenue is that of every owned transaction, to the cent",
            "lifetime revenue of profiles is the revenue of all their months",
            OF_TABLES,
            "everybody's recurring revenue is that of the customers' months",
            "the cohorts of a month pay what the month closes with",
        },
    ),
    "months that stop early": (
        f"update {PROFILES} set as_of_date = date '2025-04-09'",
        {
            "months are dense, up to the month of the as-of date",
            "recurring revenue of profiles is the closing one of the last month",
            OF_TABLES,
            ALLOWED,
        },
    ),
    "a month twice": (
        f"insert into {MONTHS} from {MONTHS} where {FIRST} and month_start_date = '2025-01-01'",
        {
            "expect_compound_columns_to_be_unique(customer_id, month_start_date)",
            "months are dense, up to the month of the as-of date",
            "a month opens with what the month before closed",
            "revenue is that of every owned transaction, to the cent",
            "lifetime revenue of profiles is the revenue of all their months",
            OF_TABLES,
            "everybody's recurring revenue is that of the customers' months",
            "the cohorts of a month pay what the month closes with",
        },
    ),
    "recurring revenue from nowhere": (
        f"update {MONTHS} set opening_mrr = 19 where {FIRST} and month_start_date = '2025-02-01'",
        {
            "a month opens with what the month before closed",
            "everybody's recurring revenue is that of the customers' months",
        },
    ),
    "revenue a cent off": (
        "update intermediate.int_transactions_converted set revenue = 20.01 "
        "where transaction_id = 't00'",
        {
            "revenue is that of every owned transaction, to the cent",
            "revenue in the reporting currency is what was landed, to the cent",
        },
    ),
    "a band without a score": (
        f"update {MONTHS} set satisfaction_score = null where {FIRST}",
        {"satisfaction_band is the band of satisfaction_score"},
    ),
    "months off their scales": (
        f"update {MONTHS} set satisfaction_score = 11, experience_score = -1 where {SECOND}",
        {
            "expect_column_values_to_be_between(satisfaction_score)",
            "expect_column_values_to_be_between(experience_score)",
        },
    ),
    # customer_identifiers
    "28 an identifier with two owners at one time": (
        f"insert into {IDENTIFIERS} select id_type, id_key, '{CUSTOMERS[1]}', evidence, 1, false, "
        f"timestamp '2025-02-01', null from {IDENTIFIERS} where {FIRST}",
        {"an identifier has one owner at a time unless it is shared"},
    ),
    "66 a personal identifier in clear": (
        f"update {IDENTIFIERS} set id_key = '{PERSONAL}' where {FIRST}",
        {
            "a personal identifier is published as its keyed hash",
            "nothing personal in any column",
        },
    ),
    "a span that ends before it begins": (
        f"update {IDENTIFIERS} set valid_from_at = '2025-02-01', valid_to_at = '2025-01-01' "
        f"where {FIRST}",
        {"a span of ownership ends after it begins"},
    ),
    "a probability above one": (
        f"update {IDENTIFIERS} set match_probability = 1.5 where {FIRST}",
        {"expect_column_values_to_be_between(match_probability)"},
    ),
    "an unknown identifier type": (
        f"update {IDENTIFIERS} set id_type = 'fax' where {FIRST}",
        {"expect_column_values_to_be_in_set(id_type)"},
    ),
    "28 a card of two customers at one time": (
        f"insert into {IDENTIFIERS} select 'imsi', id_key, customer_id, evidence, 1, true, null, "
        f"null from {IDENTIFIERS}; update {IDENTIFIERS} set id_key = '{key(7)}' "
        "where id_type = 'imsi'",
        {"what only one may hold has one customer at a time"},
    ),
    "30 a placeholder": (
        f"insert into intermediate.int_placeholders_learnt values ('email', '{key(7)}', 40)",
        {"warning: no identifier is a placeholder"},
    ),
    # identity_changes
    "a customer that is gone without a word": (
        f"insert into {PUBLISHED} values ('c_0000000000000008', false)",
        {"every customer of the last release is here still, or in the log"},
    ),
    "a registry that lost a customer": (
        f"delete from {REGISTERED} where {FIRST}",
        {
            "every customer of the last release is here still, or in the log",
            "every customer holds an account in the registry",
            "every id of the log was given by the registry",
        },
    ),
    "a customer whose id the registry took back": (
        f"update {REGISTERED} set released_at = '2025-03-02' where {SECOND}",
        {
            "every customer of the last release is here still, or in the log",
            "every customer holds an account in the registry",
        },
    ),
    "a merged customer that comes back": (
        f"insert into {REGISTERED} values ('a8', '{GONE}', 1, '2025-03-09', null)",
        {"a customer that was merged away does not come back"},
    ),
    "an id given out again": (
        f"update {ACCOUNTS} set is_minted = true where {FIRST}",
        {"a new customer has an id that none had before"},
    ),
    "a customer that begins without a word": (
        f"delete from {CHANGES} where to_customer_id = '{CUSTOMERS[2]}'",
        {"every new customer is in the log"},
    ),
    "a log that leads nowhere": (
        f"insert into {CHANGES} values "
        f"('split', '{CUSTOMERS[0]}', 'c_7', 'x', 'r0', 1, '2025-03-01')",
        {"every id of the log was given by the registry"},
    ),
    "66 a registry with an account in clear": (
        f"update {REGISTERED} set account_key = '{PERSONAL}' where {FIRST}",
        {"nothing personal in intermediate.int_identity_registered"},
    ),
    "a change twice": (
        f"insert into {CHANGES} from {CHANGES} where change_type = 'merged'",
        {f"expect_compound_columns_to_be_unique({', '.join(KEY)})"},
    ),
    "a change of no kind": (
        f"update {CHANGES} set change_type = 'vanished' where change_type = 'merged'",
        {"expect_column_values_to_be_in_set(change_type)"},
    ),
} | FAILING_OF_RELEASES
FAILING |= FAILING_OF_HISTORY | FAILING_OF_READINESS
