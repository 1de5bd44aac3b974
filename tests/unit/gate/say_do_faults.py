"""What may be wrong with what is said and done in a candidate: (SQL, rules that fail)."""

from __future__ import annotations

LEDGER = "marts.stated_vs_actual"
MONTHLY = "marts.stated_vs_actual_monthly"
REASONS = "marts.stated_cancel_reasons"

TABLES = f"""
create table {LEDGER} (
    customer_id varchar, question_role varchar, stated_band varchar, say_do_quadrant varchar,
    stay_outcome varchar, spend_outcome varchar, stated_score decimal(18, 6),
    mrr_after decimal(18, 2), revenue_after decimal(18, 2), new_service_count bigint,
    is_satisfied boolean, is_pending boolean, answered_date date, month_start_date date,
    answered_at timestamp
);
create table {MONTHLY} (
    month_start_date date, question_role varchar, stated_band varchar, segment_type varchar,
    segment_code varchar, response_count bigint, pending_count bigint, decided_count bigint,
    paying_count bigint, spending_count bigint, stay_ratio decimal(9, 4),
    stay_ratio_low decimal(9, 4), stay_ratio_high decimal(9, 4), spend_ratio decimal(9, 4),
    spend_ratio_low decimal(9, 4), spend_ratio_high decimal(9, 4), buy_ratio decimal(9, 4),
    buy_ratio_low decimal(9, 4), buy_ratio_high decimal(9, 4), calibration_gap decimal(9, 4),
    calibration_gap_low decimal(9, 4), calibration_gap_high decimal(9, 4), is_small_cell boolean
);
create table {REASONS} (
    customer_id varchar, reason_code varchar, record_type varchar, record_agreement varchar,
    experience_score_before decimal(9, 4), has_poor_service boolean, has_higher_bill boolean,
    has_complaint boolean, answered_at timestamp, left_at timestamp
);
insert into {LEDGER} values
    ('c_0000000000000001', 'stated_stay_intent', 'fan', 'true_fan', 'stayed', 'kept', 10, 20, 60,
     0, true, false, '2024-11-20', '2024-11-01', '2024-11-20 10:00'),
    ('c_0000000000000002', 'stated_stay_intent', 'fan', 'false_fan', 'left', 'fell', 10, 0, 20,
     0, true, false, '2024-11-21', '2024-11-01', '2024-11-21 10:00'),
    ('c_0000000000000001', 'stated_stay_intent', 'neutral', null, null, null, 5, null, null,
     null, false, true, '2025-02-20', '2025-02-01', '2025-02-20 10:00');
insert into {MONTHLY}
select
    cast(month as date), 'stated_stay_intent', band, segment_type, segment_code, answers, pending,
    answers - pending, answers - pending, answers - pending,
    ratio, low, high, ratio, low, high, 1 - ratio, low, high, 1 - ratio, 1 - high, 1 - low, true
from (values
    ('2024-11-01', 'fan', 2, 0, 0.5, 0.0945, 0.9055),
    ('2025-02-01', 'neutral', 1, 1, null, null, null)
) as months (month, band, answers, pending, ratio, low, high)
cross join (
    values ('all', 'all'), ('region_code', 'north')
) as segments (segment_type, segment_code);
insert into {REASONS} values
    ('c_0000000000000002', 'network', 'service', 'agrees', 40, true, false, false,
     '2025-01-12', '2025-01-10'),
    ('c_0000000000000003', 'price', 'price', 'disagrees', 80, false, false, true,
     '2025-02-12', '2025-02-10'),
    ('c_0000000000000001', 'attitude', 'contact', 'agrees', 80, false, false, true,
     '2025-02-13', null),
    ('c_0000000000000001', 'unlisted', 'unlisted', 'unlisted', null, false, false, false,
     '2025-02-14', null),
    ('c_0000000000000001', 'moved', 'none', 'not_on_record', null, false, false, false,
     '2025-02-15', null);
"""
_PENDING = "nothing is known of what followed before 90 days are over"
_QUADRANT = "a quadrant is what was said and what was done"
_ONCE = "everybody's answers are those of stated_vs_actual, each customer once a month"
_SEGMENTS = "the segments of one type add up to everybody"
_IN_INTERVAL = "a ratio lies in its interval, and pending answers are in none"

FAILING = {
    # stated_vs_actual
    "a pending customer who counts as loyal": (
        f"update {LEDGER} set stay_outcome = 'stayed', say_do_quadrant = 'loyal_complainer', "
        "mrr_after = 20 where is_pending",
        {_PENDING},
    ),
    "an answer that is never decided": (
        f"update {LEDGER} set is_pending = true, say_do_quadrant = null, stay_outcome = null, "
        "spend_outcome = null, mrr_after = null, revenue_after = null, new_service_count = null "
        "where say_do_quadrant = 'false_fan'",
        {_PENDING},
    ),
    "a leaver who counts as a true fan": (
        f"update {LEDGER} set say_do_quadrant = 'true_fan' where stay_outcome = 'left'",
        {_QUADRANT},
    ),
    "a quadrant that nobody knows": (
        f"update {LEDGER} set say_do_quadrant = 'undecided' where stay_outcome = 'left'",
        {_QUADRANT, "expect_column_values_to_be_in_set(say_do_quadrant)"},
    ),
    "a stated score off its scale, in no band": (
        f"update {LEDGER} set stated_score = 11, stated_band = 'neutral' "
        "where stay_outcome = 'left'",
        {
            "expect_column_values_to_be_between(stated_score)",
            "stated_band is the band of stated_score",
        },
    ),
    "an answer twice": (
        f"insert into {LEDGER} from {LEDGER} where is_pending",
        {
            "expect_compound_columns_to_be_unique(customer_id, question_role, answered_at)",
        },
    ),
    # stated_vs_actual_monthly
    "an answer that is in no ratio": (
        f"delete from {MONTHLY} where stated_band = 'neutral'",
        {_ONCE},
    ),
    "a segment that lost who is followed": (
        f"delete from {MONTHLY} where segment_type <> 'all' and stated_band = 'fan'; "
        f"update {MONTHLY} set pending_count = 0, decided_count = 1 where segment_type <> 'all'",
        {_SEGMENTS},
    ),
    "a band twice": (
        f"insert into {MONTHLY} from {MONTHLY} where stated_band = 'fan'",
        {
            "expect_compound_columns_to_be_unique(month_start_date, question_role, stated_band, "
            "segment_type, segment_code)",
            _ONCE,
        },
    ),
    "a pending customer who counts as staying": (
        f"update {MONTHLY} set paying_count = 1, stay_ratio = 1, stay_ratio_low = 0, "
        "stay_ratio_high = 1 where stated_band = 'neutral'",
        {_IN_INTERVAL},
    ),
    "shares above one": (
        f"update {MONTHLY} set stay_ratio = 1.2, stay_ratio_high = 1.3, spend_ratio = 1.2, "
        "spend_ratio_high = 1.3, buy_ratio = -0.2, buy_ratio_low = -0.3 where stated_band = 'fan'",
        {
            "expect_column_values_to_be_between(stay_ratio)",
            "expect_column_values_to_be_between(spend_ratio)",
            "expect_column_values_to_be_between(buy_ratio)",
        },
    ),
    # stated_cancel_reasons
    "a reason that the record does not bear": (
        f"update {REASONS} set record_agreement = 'agrees' where reason_code = 'price'",
        {"a reason agrees with the record that it is held against"},
    ),
    "a leaving after the answer": (
        f"update {REASONS} set left_at = '2025-01-13' where reason_code = 'network'",
        {"a customer has left before saying why"},
    ),
    "a reason twice, with a score off its scale": (
        f"update {REASONS} set experience_score_before = 140 where reason_code = 'network'; "
        f"insert into {REASONS} from {REASONS} where reason_code = 'price'",
        {
            "expect_compound_columns_to_be_unique(customer_id, answered_at)",
            "expect_column_values_to_be_between(experience_score_before)",
        },
    ),
}
