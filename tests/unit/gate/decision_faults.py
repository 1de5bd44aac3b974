"""What may be wrong with a candidate's decision log: (SQL, rules that fail)."""

from __future__ import annotations

LOG = "marts.decision_log"

TABLES = f"""
create table {LOG} (
    decision_id varchar, decision_type varchar, code varchar, owner varchar, evidence varchar,
    expected_effect varchar, unit varchar, verdict varchar, version bigint, subject_count bigint,
    measured_effect decimal(18, 6), ci_low decimal(18, 6), ci_high decimal(18, 6),
    decided_at timestamp
);
insert into {LOG} values
    ('credit:1', 'credit', 'recovery', 'us', '1 credit', 'fewer leave', 'share', 'helped', 1, 1,
        -0.05, -0.09, -0.01, '2025-03-02'),
    ('bet:b:1', 'bet', 'b', 'us', 'x and y', 'more', 'share', 'helped', 1, 35, 0.5, 0.3, 0.6,
        '2025-03-02'),
    ('bet:old:1', 'bet', 'old', 'us', 'x', 'more', 'share', 'harmed', 1, 35, -0.5, -0.6, -0.3,
        '2025-03-02'),
    ('audience:at_risk:r0', 'audience', 'at_risk', 'us', '1 added', null, null, 'not_measurable',
        1, 1, null, null, null, '2025-03-02'),
    ('recommendation:expected_revenue:2025-03-01', 'recommendation', 'expected_revenue', null,
        'of 20', 'more', 'share', 'no_difference', 1, 20, 0.1, -0.1, 0.3, '2025-03-02');
"""
CREDITS_LOGGED = "credits of the log are those of the queue's decisions"
BETS_LOGGED = "every bet is logged"
OFFERS_LOGGED = "offers that were judged are logged"
_VERDICT = "a verdict is what the figures bear"

FAILING = {
    "a bet that was forgotten": (
        f"delete from {LOG} where code = 'b'",
        {BETS_LOGGED},
    ),
    "offers that were forgotten": (
        f"delete from {LOG} where decision_type = 'recommendation'",
        {OFFERS_LOGGED},
    ),
    "a decision twice": (
        f"insert into {LOG} from {LOG} where decision_type = 'audience'",
        {"expect_column_values_to_be_unique(decision_id)"},
    ),
    "a credit that was not given": (
        f"update {LOG} set subject_count = 2 where decision_type = 'credit'",
        {CREDITS_LOGGED},
    ),
    "a verdict that nobody knows, of a kind that nobody knows": (
        f"update {LOG} set verdict = 'lucky', decision_type = 'hunch' where code = 'old'",
        {
            "expect_column_values_to_be_in_set(verdict)",
            "expect_column_values_to_be_in_set(decision_type)",
        },
    ),
    "a decision without evidence": (
        f"update {LOG} set evidence = null where code = 'old'",
        {"expect_column_values_to_not_be_null(evidence)"},
    ),
    "credits that helped and drove customers away": (
        f"update {LOG} set measured_effect = 0.05, ci_low = 0.01, ci_high = 0.09 "
        "where decision_type = 'credit'",
        {_VERDICT},
    ),
    "an audience that helped without a figure": (
        f"update {LOG} set verdict = 'helped' where decision_type = 'audience'",
        {_VERDICT},
    ),
}
