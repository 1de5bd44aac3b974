"""What may be wrong with a candidate's survey statistics: (SQL, rules that fail)."""

from __future__ import annotations

WEIGHTING = "marts.survey_weighting"
QUESTIONS = "marts.survey_questions"
SCORES = "marts.satisfaction_monthly"
DRIVERS = "marts.satisfaction_drivers"
GROUPS = "marts.survey_groups_monthly"

TABLES = f"""
create table {WEIGHTING} (
    month_start_date date, question_role varchar, margin varchar, level_code varchar,
    response_count bigint, population_share decimal(9, 6), sample_share_after decimal(9, 6),
    max_weight decimal(18, 6), is_collapsed boolean, iteration_count bigint, is_converged boolean
);
create table {SCORES} (
    month_start_date date, question_role varchar, segment_type varchar, segment_code varchar,
    invited_count bigint, response_count bigint, response_ratio decimal(9, 4),
    score_mean decimal(18, 4), nps decimal(18, 4), bias_low decimal(18, 4),
    bias_high decimal(18, 4), is_small_cell boolean, change_p_value decimal(9, 6)
);
insert into {WEIGHTING} values
    ('2025-03-01', 'recommend', 'region_code', 'north', 60, 0.4, 0.4, 0.7, false, 5, true),
    ('2025-03-01', 'recommend', 'region_code', 'south', 40, 0.6, 0.6, 1.5, false, 5, true);
insert into {SCORES} values
    ('2025-03-01', 'recommend', 'all', 'all', 200, 100, 0.5, 7, 12, 6, 8, false, 0.2),
    ('2025-03-01', 'recommend', 'region_code', 'north', 120, 60, 0.5, 8, 30, 7, 9, false, null),
    ('2025-03-01', 'recommend', 'region_code', 'south', 80, 40, 0.5, 6, -5, 5, 7, false, null);
create table {QUESTIONS} (
    question_code varchar, question_role varchar, question_text varchar, survey_count bigint,
    answer_count bigint, scored_count bigint, first_answered_at timestamp,
    last_answered_at timestamp
);
insert into {QUESTIONS} values
    ('nps', 'recommend', 'Would you recommend us?', 1, 100, 98, '2025-03-01', '2025-03-30'),
    ('why', 'other', null, 1, 40, 0, '2025-03-01', '2025-03-30');
create table {GROUPS} (
    month_start_date date, group_type varchar, customer_count bigint, paying_count bigint,
    staying_count bigint, stay_ratio decimal(9, 4), stay_ratio_low decimal(9, 4),
    stay_ratio_high decimal(9, 4), stay_difference decimal(9, 4),
    stay_difference_low decimal(9, 4), stay_difference_high decimal(9, 4),
    stay_difference_p_value decimal(9, 6), is_pending boolean, is_small_cell boolean
);
insert into {GROUPS} values
    ('2025-03-01', 'answered', 60, 50, 40, 0.8, 0.67, 0.89, 0.05, -0.1, 0.2, 0.5, false, false),
    ('2025-03-01', 'silent', 40, 30, 20, 0.67, 0.49, 0.81, -0.08, -0.2, 0.1, 0.4, false, false),
    ('2025-03-01', 'invited', 100, 80, 60, 0.75, 0.65, 0.83, 0, -0.1, 0.1, 1, false, false),
    ('2025-03-01', 'not_sampled', 20, 8, 6, 0.75, 0.41, 0.93, null, null, null, null, false, true),
    ('2025-04-01', 'silent', 9, 9, null, null, null, null, null, null, null, null, true, true),
    ('2025-04-01', 'invited', 9, 9, null, null, null, null, null, null, null, null, true, true);
create table {DRIVERS} (
    feature varchar, band varchar, lower_bound decimal(18, 6), upper_bound decimal(18, 6),
    points decimal(9, 4), customer_count bigint, answer_count bigint,
    out_of_fold_error decimal(9, 4), direction_expected varchar, model_version varchar,
    is_intercept boolean
);
insert into {DRIVERS} values
    ('intercept', 'all', null, null, 6, 100, 80, 1.2, 'none', 'v', true),
    ('experience_score', 'under_50', null, 50, -1, 20, 16, 1.2, 'increasing', 'v', false),
    ('experience_score', '50_and_over', 50, null, 0.2, 80, 64, 1.2, 'increasing', 'v', false),
    ('experience_score', 'unknown', null, null, 0.8, 5, 0, null, 'increasing', 'v', false),
    ('fault_day_count', 'under_1', null, 1, 0, 100, 80, 1.2, 'decreasing', 'v', false),
    ('fault_day_count', '1_and_over', 1, null, -1, 0, 0, null, 'decreasing', 'v', false);
"""
_NORTH = "where segment_code = 'north'"

FAILING = {
    # survey_questions
    "a question twice, with more scores than answers": (
        f"insert into {QUESTIONS} from {QUESTIONS} where question_code = 'nps'; "
        f"update {QUESTIONS} set scored_count = 200 where question_code = 'nps'",
        {
            "expect_column_values_to_be_unique(question_code)",
            "a question has answers, and no more scores than these",
        },
    ),
    # survey_weighting
    "52 weights that do not converge": (
        f"update {WEIGHTING} set is_converged = false, iteration_count = 200",
        {"the weights of every month and question role converged"},
    ),
    "52 weights that are not those of the margins": (
        f"update {WEIGHTING} set sample_share_after = 0.41 where level_code = 'north'",
        {"weighted answers look like the customers in every margin"},
    ),
    "a voice that weighs much": (
        f"update {WEIGHTING} set max_weight = 9 where level_code = 'north'",
        {"warning: no answer counts far above the cap"},
    ),
    "a level twice, with a share above one": (
        f"update {WEIGHTING} set level_code = 'north', population_share = 1.2, "
        "sample_share_after = 1.2",
        {
            "expect_compound_columns_to_be_unique(month_start_date, question_role, margin, "
            "level_code)",
            "expect_column_values_to_be_between(population_share)",
        },
    ),
    # satisfaction_monthly
    "a segment that lost its answers": (
        f"delete from {SCORES} {_NORTH}",
        {"the segments of one type add up to everybody"},
    ),
    "a segment twice": (
        f"insert into {SCORES} from {SCORES} {_NORTH}",
        {
            "expect_compound_columns_to_be_unique(month_start_date, question_role, segment_type, "
            "segment_code)",
            "the segments of one type add up to everybody",
        },
    ),
    "a score outside its bounds": (
        f"update {SCORES} set bias_low = 8.5 {_NORTH}",
        {"a score lies between its bounds"},
    ),
    "scores off their scales": (
        f"update {SCORES} set score_mean = 70, bias_high = 80, nps = 130, response_ratio = 1.2, "
        f"change_p_value = 2 {_NORTH}",
        {
            "expect_column_values_to_be_between(score_mean)",
            "expect_column_values_to_be_between(nps)",
            "expect_column_values_to_be_between(response_ratio)",
            "expect_column_values_to_be_between(change_p_value)",
        },
    ),
    # survey_groups_monthly
    "invited who neither answered nor were silent": (
        f"update {GROUPS} set customer_count = 41 where group_type = 'silent' and not is_pending",
        {"the invited are those who answered and those who were silent"},
    ),
    "customers who stay before the time is over": (
        f"update {GROUPS} set staying_count = 9 where is_pending",
        {"a share lies in its interval, of no more than paid, and of nobody pending"},
    ),
    "a difference that its interval leaves out": (
        f"update {GROUPS} set stay_difference_low = 0.1 where group_type = 'answered'",
        {"a share lies in its interval, of no more than paid, and of nobody pending"},
    ),
    "a control twice, with shares that are none": (
        f"insert into {GROUPS} select * replace (2 as stay_ratio, 2 as stay_ratio_high, "
        f"2 as stay_difference_p_value) from {GROUPS} where group_type = 'not_sampled'",
        {
            "expect_compound_columns_to_be_unique(month_start_date, group_type)",
            "expect_column_values_to_be_between(stay_ratio)",
            "expect_column_values_to_be_between(stay_difference_p_value)",
        },
    ),
    "a group that is none, further off than all": (
        f"update {GROUPS} set group_type = 'other', stay_difference = 2, stay_difference_high = 2 "
        "where group_type = 'not_sampled'",
        {
            "expect_column_values_to_be_in_set(group_type)",
            "expect_column_values_to_be_between(stay_difference)",
            "the invited are those who answered and those who were silent",
        },
    ),
    # satisfaction_drivers
    "a band that lost its points": (
        f"update {DRIVERS} set points = null where band = 'unknown'",
        {
            "there is one scorecard, and it is whole or has no points",
            "the points of a feature have the mean 0 over its customers",
        },
    ),
    "two scorecards in one": (
        f"update {DRIVERS} set model_version = 'w' where band = 'unknown'",
        {"there is one scorecard, and it is whole or has no points"},
    ),
    "points that rise with faults": (
        f"update {DRIVERS} set points = 1 where band = '1_and_over'",
        {"points keep to the direction that is expected of their feature"},
    ),
    "points that are not told against the customers' mean": (
        f"update {DRIVERS} set points = points + 0.001 where feature = 'fault_day_count'",
        {"the points of a feature have the mean 0 over its customers"},
    ),
    "points off the scale of a direction that is none, and a band twice": (
        f"update {DRIVERS} set points = -12, out_of_fold_error = 12, "
        "direction_expected = 'up', band = 'under_1' where band = '1_and_over'",
        {
            "expect_compound_columns_to_be_unique(feature, band)",
            "expect_column_values_to_be_between(points)",
            "expect_column_values_to_be_between(out_of_fold_error)",
            "expect_column_values_to_be_in_set(direction_expected)",
        },
    ),
    "predictions off their scale": (
        "update marts.customer_profiles set predicted_satisfaction_score = 12",
        {"expect_column_values_to_be_between(predicted_satisfaction_score)"},
    ),
}
