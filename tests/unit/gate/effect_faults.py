"""What may be wrong with a candidate's effects: (SQL, rules that fail)."""

from __future__ import annotations

EFFECTS = "marts.experience_effects"
SEGMENTS = "marts.segment_effects"
STAKE = "marts.revenue_at_stake"

_FIGURES = (
    "estimate decimal(18, 9), ci_low decimal(18, 9), ci_high decimal(18, 9), "
    "p_value decimal(9, 6), adjusted_p_value decimal(9, 6), customer_count bigint, "
    "is_publishable boolean, not_publishable_reason varchar, unit varchar, method varchar"
)
TABLES = f"""
create table {EFFECTS} (
    link varchar, band varchar, lag_months bigint, mediated_share decimal(9, 6), {_FIGURES}
);
insert into {EFFECTS} values
    ('service_to_revenue', 'all', 1, 0.75, 2, 1, 3, 0, 0, 900, true, null, 'u', 'm'),
    ('service_to_revenue_direct', 'all', 1, null, 0.5, 0, 1, 0, 0, 900, true, null, 'u', 'm'),
    ('service_to_revenue_via_satisfaction', 'all', 1, 0.75, 1.5, 1, 2, 0, 0, 900, true, null, 'u',
     'm'),
    ('satisfaction_to_churn', 'all', 1, null, null, null, null, null, null, 9, false, 'few', 'u',
     'm');
create table {SEGMENTS} (
    link varchar, band varchar, segment_type varchar, segment_code varchar,
    segment_estimate decimal(18, 9), common_estimate decimal(18, 9),
    shrinkage_ratio decimal(9, 6), {_FIGURES}
);
insert into {SEGMENTS} values
    ('satisfaction_to_revenue', 'below_edge', 'plan_code', 'basic', 3, 1, 0.5, 2, 1, 3, 0, 0, 90,
     true, null, 'u', 'm'),
    ('satisfaction_to_revenue', 'below_edge', 'plan_code', 'rare', null, null, null, null, null,
     null, null, null, 9, false, 'few', 'u', 'm');
create table {STAKE} (
    band varchar, scenario_code varchar, customer_count bigint,
    monthly_recurring_revenue decimal(18, 2), monthly_revenue_effect decimal(18, 2),
    ci_low decimal(18, 2), ci_high decimal(18, 2), share_of_total decimal(9, 6), rank bigint,
    is_publishable boolean, not_publishable_reason varchar
);
insert into {STAKE} values
    ('dissatisfied', 'service_dip', 1, 20, -3, -4, -2, 0.75, 1, true, null),
    ('fan', 'service_dip', 1, 20, -1, -2, 0, 0.25, 2, true, null),
    ('never_asked_neutral', 'service_dip', 1, 20, null, null, null, null, null, false, 'few');
"""
PAID = "the bands of a scenario hold what active customers pay"
_WHOLE = "where link = 'service_to_revenue'"
_ADDS_UP = "what service does directly and via satisfaction adds up to the whole"
_SAYS_WHY = "an effect lies in its interval, and one that may not be believed says why"
_DRAWN = "a segment's effect is between its own and the common one, or it says why"
_NO_MORE = "no more is at stake than is paid, in its interval, or it says why"

FAILING = {
    # experience_effects
    "an effect twice": (
        f"insert into {EFFECTS} from {EFFECTS} where link = 'satisfaction_to_churn'",
        {"expect_compound_columns_to_be_unique(link, band, lag_months)"},
    ),
    "an effect of an unknown band": (
        f"update {EFFECTS} set band = 'angry' where link = 'satisfaction_to_churn'",
        {"expect_column_values_to_be_in_set(band)"},
    ),
    "a probability and a share above one": (
        f"update {EFFECTS} set p_value = 2, adjusted_p_value = 2, mediated_share = 2 {_WHOLE}",
        {
            "expect_column_values_to_be_between(p_value)",
            "expect_column_values_to_be_between(mediated_share)",
        },
    ),
    "parts that do not add up": (f"update {EFFECTS} set estimate = 2.1 {_WHOLE}", {_ADDS_UP}),
    "an effect outside its interval": (f"update {EFFECTS} set ci_high = 1.9 {_WHOLE}", {_SAYS_WHY}),
    "an effect held back without a reason": (
        f"update {EFFECTS} set is_publishable = false {_WHOLE}",
        {_SAYS_WHY},
    ),
    # segment_effects
    "a segment's effect twice": (
        f"insert into {SEGMENTS} from {SEGMENTS} where segment_code = 'rare'",
        {"expect_compound_columns_to_be_unique(link, band, segment_type, segment_code)"},
    ),
    "a segment of an unknown band, drawn too far": (
        f"update {SEGMENTS} set band = 'all', shrinkage_ratio = 1.5 where segment_code = 'basic'",
        {
            "expect_column_values_to_be_in_set(band)",
            "expect_column_values_to_be_between(shrinkage_ratio)",
        },
    ),
    "a segment drawn away": (
        f"update {SEGMENTS} set estimate = 0.5, ci_low = 0 where segment_code = 'basic'",
        {_DRAWN},
    ),
    # revenue_at_stake
    "a band at stake twice": (
        f"insert into {STAKE} from {STAKE} where band = 'never_asked_neutral'",
        {"expect_compound_columns_to_be_unique(band, scenario_code)", PAID},
    ),
    "an unknown band at stake": (
        f"update {STAKE} set band = 'bored' where band = 'never_asked_neutral'",
        {"expect_column_values_to_be_in_set(band)"},
    ),
    "a share of what is at stake above one": (
        f"update {STAKE} set share_of_total = 1.2 where band = 'fan'",
        {"expect_column_values_to_be_between(share_of_total)"},
    ),
    "a band at stake that is lost": (
        f"delete from {STAKE} where band = 'never_asked_neutral'",
        {PAID},
    ),
    "more at stake than is paid": (
        f"update {STAKE} set ci_low = -21 where band = 'dissatisfied'",
        {_NO_MORE},
    ),
    "the wrong band first": (
        f"update {STAKE} set rank = 3 - rank where rank is not null",
        {"the ranks of a scenario follow what is at stake"},
    ),
}
