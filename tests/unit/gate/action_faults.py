"""What may be wrong with a candidate's journeys and bets: (SQL, rules that fail)."""

from __future__ import annotations

JOURNEYS = "marts.customer_journeys"
STEPS = "marts.journey_steps"
PATHS = "marts.journey_paths"
CIRCLES = "marts.success_circles"

# Each of the three customers was invited once; of the bet every customer is in both sets.
TABLES = f"""
create table {JOURNEYS} as
select
    'j_' || n as journey_id, 'c_000000000000000' || n as customer_id, 'survey' as start_type,
    'survey_invited' as path, 'quiet' as outcome, 1::bigint as step_count,
    null::bigint as worst_step_number, timestamp '2025-02-03' as started_at,
    timestamp '2025-02-03' as ended_at
from range(1, 4) as numbers(n);
create table {STEPS} as
select
    journey_id, 1::bigint as step_number, customer_id, 'survey_invited' as event_type,
    'survey_invitations' as source, 7::decimal(18, 6) as satisfaction_before,
    6::decimal(18, 6) as satisfaction_after, null::decimal(18, 4) as hours_since_previous,
    started_at as occurred_at
from {JOURNEYS};
create table {PATHS} as
select
    'survey' as start_type, 'survey_invited' as path, 1::bigint as path_step_count,
    null::varchar as worst_step, null::bigint as worst_step_number, 3::bigint as journey_count,
    3::bigint as customer_count, 3::bigint as answered_customer_count,
    0::decimal(9, 6) as resolved_ratio, 0::decimal(9, 6) as left_ratio,
    null::decimal(18, 6) as satisfaction_change, null::decimal(18, 6) as ci_low,
    null::decimal(18, 6) as ci_high, null::decimal(18, 6) as worst_step_change,
    null::decimal(18, 6) as worst_step_ci_low, null::decimal(18, 6) as worst_step_ci_high,
    true as is_association;
create table {CIRCLES} (
    bet_code varchar, version bigint, set_codes varchar, set_count bigint, bet_outcome varchar,
    owner varchar, base_customer_count bigint, base_outcome_count bigint, customer_count bigint,
    outcome_count bigint, lift decimal(18, 6), tail_p decimal(18, 12), adjusted_p decimal(18, 12),
    outcome_ratio decimal(9, 6), ci_low decimal(9, 6), ci_high decimal(9, 6),
    outcome_difference decimal(9, 6), difference_ci_low decimal(9, 6),
    difference_ci_high decimal(9, 6), outcome_p decimal(18, 12),
    outcome_adjusted_p decimal(18, 12), verdict varchar, is_redundant boolean, cut_off_date date
);
insert into {CIRCLES} values
    ('b', 1, 'x', 1, 'o', 'us', 100, 40, 50, 30, null, null, null, 0.6, 0.46, 0.72, 0.4, 0.2, 0.6,
        null, null, 'evidence', false, '2025-01-31'),
    ('b', 1, 'y', 1, 'o', 'us', 100, 40, 50, 30, null, null, null, 0.6, 0.46, 0.72, 0.4, 0.2, 0.6,
        null, null, 'evidence', false, '2025-01-31'),
    ('b', 1, 'x & y', 2, 'o', 'us', 100, 40, 35, 25, 1.4, 0.001, 0.001, 0.7, 0.5, 0.8, 0.5, 0.3,
        0.6, 0.001, 0.001, 'proven', false, '2025-01-31');
"""
_STEPS = "a journey has the steps that it counts, from its start to its end"
OF_LIVES = "steps are the events of customers' lives, each once"
_PATHS = "every journey is of one path"
_CHANGE = "a change lies in its interval, of enough customers, around one step"
_COUNTS = "counts fit into each other, and shares into their intervals"
_ALL = "a bet has every combination of its sets"
_VERDICT = "a verdict is what the figures bear"

FAILING = {
    "a journey twice": (
        f"insert into {JOURNEYS} from {JOURNEYS} where journey_id = 'j_1'",
        {"expect_column_values_to_be_unique(journey_id)", _PATHS},
    ),
    "a journey with an end that nobody knows": (
        f"update {JOURNEYS} set outcome = 'lost' where journey_id = 'j_1'",
        {"expect_column_values_to_be_in_set(outcome)"},
    ),
    "a journey that counts a step too many": (
        f"update {JOURNEYS} set step_count = 2 where journey_id = 'j_1'",
        {_STEPS},
    ),
    "a journey within another": (
        f"update {JOURNEYS} set customer_id = 'c_0000000000000002', "
        "started_at = started_at - interval 1 day, ended_at = ended_at + interval 1 day "
        "where journey_id = 'j_1'",
        {_STEPS, "of one customer no journey begins before the last one is over"},
    ),
    "26 a step twice": (
        f"insert into {STEPS} from {STEPS} where journey_id = 'j_1'",
        {_STEPS, OF_LIVES},
    ),
    "a satisfaction off its scale": (
        f"update {STEPS} set satisfaction_before = 11, satisfaction_after = -1",
        {
            "expect_column_values_to_be_between(satisfaction_before)",
            "expect_column_values_to_be_between(satisfaction_after)",
        },
    ),
    "a first step after another": (
        f"update {STEPS} set hours_since_previous = 500 where journey_id = 'j_1'",
        {"steps lie no further apart than a journey's gap"},
    ),
    "a path lost": (f"delete from {PATHS}", {_PATHS}),
    "a path twice, with shares that are none": (
        f"insert into {PATHS} select * replace (2 as resolved_ratio, 2 as left_ratio) from {PATHS}",
        {
            "expect_compound_columns_to_be_unique(start_type, path)",
            "expect_column_values_to_be_between(resolved_ratio)",
            "expect_column_values_to_be_between(left_ratio)",
            _PATHS,
        },
    ),
    "a change of three customers": (
        f"update {PATHS} set satisfaction_change = -1, ci_low = -2, ci_high = 0",
        {_CHANGE},
    ),
    "a worst step past the last": (
        f"update {PATHS} set worst_step = 'contact', worst_step_number = 2, worst_step_change = -1",
        {_CHANGE},
    ),
    "a combination lost": (f"delete from {CIRCLES} where set_count = 2", {_ALL}),
    "a combination twice": (
        f"insert into {CIRCLES} from {CIRCLES} where set_count = 2",
        {"expect_compound_columns_to_be_unique(bet_code, set_codes)", _ALL},
    ),
    "a share outside itself": (
        f"update {CIRCLES} set ci_low = 0.9 where set_count = 2",
        {_COUNTS},
    ),
    "a difference beyond all": (
        f"update {CIRCLES} set outcome_difference = 1.5, difference_ci_high = 2 "
        "where set_count = 2",
        {"expect_column_values_to_be_between(outcome_difference)"},
    ),
    "a bet proven by chance": (
        f"update {CIRCLES} set adjusted_p = 0.2 where set_count = 2",
        {_VERDICT},
    ),
    "a bet proven by sets that are one": (
        f"update {CIRCLES} set is_redundant = true where set_count = 2",
        {_VERDICT},
    ),
}
