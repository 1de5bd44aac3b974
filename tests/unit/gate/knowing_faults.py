"""What may be wrong with signals of flux and with next services: (SQL, rules that fail)."""

from __future__ import annotations

FLUX = "marts.customers_in_flux"
SIGNALS = "marts.flux_signals"
SERVICES = "marts.next_best_services"
READOUTS = "marts.recommendation_readouts"
INFLUENCE = "marts.customer_influence"
HAD = "intermediate.int_services_found_to_origins"

# The first customer complained; of usage that shifts nothing could be measured.
TABLES = f"""
create table {SIGNALS} (
    signal_code varchar, customer_count bigint, observation_count bigint,
    base_observation_count bigint, followed_by_change_ratio decimal(9, 6),
    base_ratio decimal(9, 6), lift decimal(18, 6), ci_low decimal(18, 6), ci_high decimal(18, 6)
);
insert into {SIGNALS} values
    ('complained', 80, 100, 1000, 0.3, 0.15, 2, 1.6, 2.5),
    ('usage_shift', 8, 10, 1000, 0.3, 0.15, null, null, null);
create table {FLUX} as
select
    'c_0000000000000001' as customer_id, 'complained' as signal_code,
    0.5::decimal(9, 6) as strength,
    2::decimal(18, 6) as lift, 1.6::decimal(18, 6) as ci_low, 2.5::decimal(18, 6) as ci_high,
    'Complained.' as sentence, date '2025-03-01' as first_seen_date;
create table {HAD} as
select
    3::bigint as origin_number, 'c_0000000000000001' as customer_id, 'net' as held_code,
    'tv' as cancelled_code;
create table {SERVICES} as
select
    'c_0000000000000001' as customer_id, rank::bigint as rank, 'p' || rank as product_code,
    (0.3 / rank)::decimal(9, 6) as probability, 10::decimal(18, 2) as monthly_price,
    (3 / rank)::decimal(18, 2) as expected_monthly_revenue, 'Of many.' as reason,
    100::bigint as evidence_count
from range(1, 4) as numbers(rank);
create table {READOUTS} as
select
    date '2024-12-09' as period_start_date, date '2025-03-09' as period_end_date, method,
    20::bigint as customer_count, 10::bigint as hit_count, 0.5::decimal(9, 6) as hit_rate_at_3,
    0.3::decimal(9, 6) as ci_low, 0.7::decimal(9, 6) as ci_high,
    0.4::decimal(9, 6) as popularity_hit_rate_at_3, 22::bigint as new_service_count,
    0.5::decimal(9, 6) as recommended_share_of_new, null::decimal(18, 6) as off_policy_value,
    null::bigint as effective_count
from (values ('expected_revenue'), ('probability')) as methods(method);
create table intermediate.int_neighbours_found as
select
    'c_0000000000000001' as customer_id, 'c_0000000000000002' as neighbour_customer_id,
    relation_type, date '9999-12-31' as near_to_date
from (values ('household'), ('same_business')) as types(relation_type);
create table {INFLUENCE} as
select
    'c_0000000000000001' as customer_id, 1::bigint as reach_count, 2::bigint as change_count,
    0.5::decimal(18, 6) as following_change, 0::decimal(18, 6) as placebo_change,
    0::decimal(9, 6) as influence_percentile, 'Reaches 1.' as reasons, 1::bigint as referral_count,
    20::decimal(18, 2) as referred_revenue, 0::bigint as satisfaction_change_count,
    0::decimal(18, 6) as satisfaction_following_change,
    0::decimal(18, 6) as satisfaction_placebo_change, 1::bigint as business_rank;
"""
# After the profiles are there.
TOLD = (
    "alter table marts.customer_profiles add column flux_reasons varchar; "
    "update marts.customer_profiles set flux_reasons = 'complained,usage_shift' "
    "where customer_id = 'c_0000000000000001'"
)
_LIFT = "a lift lies in its interval, of enough customers, and is what it says"
PROFILE = "a signal is one that the profile tells, seen by the as-of day"
_OWNED = "nothing is offered that the customer has or cancelled for a reason"
_RANKS = "ranks follow each other, the most expected revenue first"
_HITS = "a hit rate is of the customers counted, within its interval and period"
_REACH = "a customer reaches whom it is near, and has a profile"
_RANKED = "the people of a business are ranked among each other"
_LISTED = "a signal is listed with the lift that was measured, of all who have it"
WITHOUT_PROFILE = (PROFILE, _LISTED, _REACH)

FAILING = {
    "a signal twice": (
        f"insert into {SIGNALS} from {SIGNALS} where signal_code = 'usage_shift'",
        {"expect_column_values_to_be_unique(signal_code)"},
    ),
    "a lift outside its interval": (
        f"update {SIGNALS} set ci_low = 2.1 where signal_code = 'complained'",
        {_LIFT},
    ),
    "a lift of eight customers": (
        f"update {SIGNALS} set lift = 2, ci_low = 1, ci_high = 3 where signal_code = 'usage_shift'",
        {_LIFT, _LISTED},
    ),
    "shares that are none": (
        f"update {SIGNALS} set followed_by_change_ratio = 2, base_ratio = 2 "
        "where signal_code = 'usage_shift'",
        {
            "expect_column_values_to_be_between(followed_by_change_ratio)",
            "expect_column_values_to_be_between(base_ratio)",
        },
    ),
    "a customer in flux twice": (
        f"insert into {FLUX} from {FLUX}",
        {"expect_compound_columns_to_be_unique(customer_id, signal_code)", _LISTED},
    ),
    "a customer in flux lost": (f"delete from {FLUX}", {_LISTED}),
    "a signal that nobody gave": (
        f"update {FLUX} set customer_id = 'c_0000000000000002'",
        {PROFILE},
    ),
    "a signal of tomorrow, stronger than any": (
        f"update {FLUX} set first_seen_date = '2030-01-01', strength = 2",
        {PROFILE, "expect_column_values_to_be_between(strength)"},
    ),
    "a lift that nobody measured": (f"update {FLUX} set lift = 3", {_LISTED}),
    "a service that the customer has": (
        f"update {SERVICES} set product_code = 'net' where rank = 3",
        {_OWNED},
    ),
    "a service that was cancelled for a reason": (
        f"update {HAD} set held_code = null, cancelled_code = 'p2'",
        {_OWNED},
    ),
    "the second best first": (
        f"update {SERVICES} set rank = 3 - rank where rank < 3",
        {_RANKS},
    ),
    "a fourth service twice, likelier than sure": (
        f"insert into {SERVICES} select * replace (4 as rank, 1.5 as probability, "
        f"0.1 as monthly_price, 0.15 as expected_monthly_revenue) from {SERVICES} where rank < 3",
        {
            "expect_compound_columns_to_be_unique(customer_id, rank)",
            "expect_column_values_to_be_between(rank)",
            "expect_column_values_to_be_between(probability)",
            _RANKS,
        },
    ),
    "a readout twice": (
        f"insert into {READOUTS} from {READOUTS} where method = 'probability'",
        {"expect_compound_columns_to_be_unique(period_start_date, method)"},
    ),
    "more hits than customers": (
        f"update {READOUTS} set hit_count = 21 where method = 'probability'",
        {_HITS},
    ),
    "readout shares that are none": (
        f"update {READOUTS} set popularity_hit_rate_at_3 = 2, recommended_share_of_new = 2",
        {
            "expect_column_values_to_be_between(popularity_hit_rate_at_3)",
            "expect_column_values_to_be_between(recommended_share_of_new)",
        },
    ),
    "an influencer twice, beyond all others": (
        f"insert into {INFLUENCE} select * replace (2 as influence_percentile) from {INFLUENCE}",
        {
            "expect_column_values_to_be_unique(customer_id)",
            "expect_column_values_to_be_between(influence_percentile)",
        },
    ),
    "an influencer of nobody": (f"update {INFLUENCE} set reach_count = 2", {_REACH}),
    "an influencer who never changed": (
        f"update {INFLUENCE} set change_count = 0",
        {_REACH, _RANKED},
    ),
    "revenue of nobody referred": (f"update {INFLUENCE} set referral_count = 0", {_REACH}),
    "the third of two": (f"update {INFLUENCE} set business_rank = 3", {_RANKED}),
}
