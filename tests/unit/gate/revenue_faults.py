"""What may be wrong with the revenue of a candidate, and the rules that must say so."""

from __future__ import annotations

from gate_candidate import COHORTS, FIRST, MOVEMENTS, REVENUE

FAILING = {
    "a return that is told as growth": (
        f"update {MOVEMENTS} set movement_type = 'contraction' where {FIRST}",
        {"a movement is told by its right type"},
    ),
    "a customer who is new twice": (
        f"insert into {MOVEMENTS} select customer_id, date '2025-02-01', 'new', cause_code, "
        f"'GBP', 20, 0, 20, true from {MOVEMENTS} where {FIRST}",
        {
            "a customer is new once, and comes back only after that",
            "movements add up to the recurring revenue of the last month",
        },
    ),
    "a movement without its cause": (
        f"update {MOVEMENTS} set cause_code = null where {FIRST}",
        {"expect_column_values_to_not_be_null(cause_code)"},
    ),
    "a churn that is in no sum": (
        f"update {REVENUE} set churned_mrr = 20 where month_start_date = '2025-03-01'",
        {"a month closes with what it opened with and what moved"},
    ),
    "a segment that loses a customer": (
        f"update {REVENUE} set new_mrr = 40, closing_mrr = 40 where segment_type <> 'all' "
        "and month_start_date = '2025-01-01'",
        {"the segments of one type add up to everybody"},
    ),
    "a month that is in no bridge": (
        f"delete from {REVENUE} where month_start_date = '2025-02-01'",
        {"everybody's recurring revenue is that of the customers' months"},
    ),
    "a segment that the policy does not name": (
        f"update {REVENUE} set segment_type = 'shoe_size' where segment_type <> 'all'",
        {"expect_column_values_to_be_in_set(segment_type)"},
    ),
    "a bridge twice": (
        f"insert into {REVENUE} from {REVENUE} where segment_type = 'all' "
        "and month_start_date = '2025-01-01'",
        {
            "expect_compound_columns_to_be_unique(month_start_date, segment_type, segment_code, "
            "currency_type, currency_code)",
            "the segments of one type add up to everybody",
        },
    ),
    "a movement of no known type": (
        f"update {MOVEMENTS} set movement_type = 'gift' where {FIRST}",
        {
            "expect_column_values_to_be_in_set(movement_type)",
            "a movement is told by its right type",
        },
    ),
    "an unknown type of currency": (
        f"update {REVENUE} set currency_type = 'spent'",
        {
            "expect_column_values_to_be_in_set(currency_type)",
            "everybody's recurring revenue is that of the customers' months",
        },
    ),
    "a cohort twice": (
        f"insert into {COHORTS} from {COHORTS} where month_number = 2",
        {
            "expect_compound_columns_to_be_unique(cohort_month_start_date, month_number)",
            "a cohort keeps its size, and never has more who pay",
            "the cohorts of a month pay what the month closes with",
        },
    ),
    "a cohort that grows": (
        f"update {COHORTS} set customer_count = 4 where month_number = 2",
        {"a cohort keeps its size, and never has more who pay"},
    ),
    "a cohort that pays less than its month": (
        f"update {COHORTS} set retained_mrr = 40 where month_number = 2",
        {"the cohorts of a month pay what the month closes with"},
    ),
}
