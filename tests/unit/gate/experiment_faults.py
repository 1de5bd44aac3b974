"""What may be wrong with a candidate's readouts of experiments: (SQL, rules that fail)."""

from __future__ import annotations

READOUTS = "marts.experiment_readouts"

TABLES = f"""
create table {READOUTS} (
    experiment_code varchar, variant_code varchar, metric_code varchar, segment_type varchar,
    segment_code varchar, customer_count bigint, assigned_count bigint, pending_count bigint,
    mean decimal(18, 6), difference decimal(18, 6), ci_low decimal(18, 6), ci_high decimal(18, 6),
    p_value decimal(9, 6), adjusted_p_value decimal(9, 6),
    variance_reduction_ratio decimal(9, 4), sample_ratio_p_value decimal(9, 6),
    link_estimate decimal(18, 9), link_ci_low decimal(18, 9), link_ci_high decimal(18, 9),
    is_control boolean, is_valid boolean, why_not varchar
);
insert into {READOUTS} values
    ('call', 'control', 'left', 'all', 'all', 90, 100, 10, 0.1, null, null, null, null, null, 0.2,
        0.5, null, null, null, true, true, null),
    ('call', 'call', 'left', 'all', 'all', 80, 90, 10, 0.05, -0.05, -0.09, -0.01, 0.02, 0.04, 0.2,
        0.5, -0.1, -0.2, -0.02, false, true, null),
    ('call', 'control', 'left', 'latest_satisfaction_band', 'fan', 90, 100, 10, 0.1, null, null,
        null, null, null, 0.2, 0.5, null, null, null, true, true, null),
    ('call', 'call', 'left', 'latest_satisfaction_band', 'fan', 80, 90, 10, 0.05, -0.05, -0.09,
        -0.01, 0.02, 0.02, 0.2, 0.5, null, null, null, false, true, null),
    ('offer', 'offer', 'left', 'all', 'all', 0, 9, 9, null, null, null, null, null, null, null,
        null, null, null, null, false, false, 'one variant only');
"""
_CALL = "where variant_code = 'call' and segment_type = 'all'"
_SAYS_WHY = "what is not valid says why and has no figure, what is has one"
_IN_INTERVAL = "a difference lies in its interval, and its p-value agrees"
_ONCE = "bands of one variant and metric are its customers, each once"

FAILING = {
    "a figure of one variant alone": (
        f"update {READOUTS} set mean = 0.1 where variant_code = 'offer'",
        {_SAYS_WHY},
    ),
    "an experiment that is not valid and does not say why": (
        f"update {READOUTS} set why_not = null where variant_code = 'offer'",
        {_SAYS_WHY},
    ),
    "an experiment that lost customers of one variant": (
        f"update {READOUTS} set sample_ratio_p_value = 0.0001 where experiment_code = 'call'",
        {"an experiment whose shares are off the plan has no figure"},
    ),
    "a difference outside its interval": (
        f"update {READOUTS} set ci_high = -0.06 {_CALL}",
        {_IN_INTERVAL},
    ),
    "a link outside its interval, surer than its metric": (
        f"update {READOUTS} set link_ci_low = 0, adjusted_p_value = 0.001 {_CALL}",
        {_IN_INTERVAL},
    ),
    "more measured than there are": (
        f"update {READOUTS} set customer_count = 85 where variant_code = 'call'",
        {_ONCE},
    ),
    "a band lost": (
        f"delete from {READOUTS} where variant_code = 'call' and segment_code = 'fan'",
        {_ONCE},
    ),
    "a variant twice, with chances that are none": (
        f"insert into {READOUTS} select * replace (2 as p_value, 3 as adjusted_p_value, "
        f"2 as variance_reduction_ratio, 2 as sample_ratio_p_value) from {READOUTS} {_CALL}",
        {
            "expect_compound_columns_to_be_unique(experiment_code, variant_code, metric_code, "
            "segment_type, segment_code)",
            "chances and shares lie between 0 and 1",
            _ONCE,
        },
    ),
}
