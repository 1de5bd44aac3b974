-- One row per customer and instant with an answer to why the customer left, beside what is on record.
with

answers as (

    select * from {{ ref('int_cancel_answers_compared') }}

),

final as (

    select
        customer_id,
        reason_code,
        record_type,
        record_agreement,
        experience_score_before,
        fault_day_count_before,
        contact_count_before,
        complaint_count_before,
        mrr_before,
        mrr_before_90d,
        revenue_before,
        revenue_before_90d,
        bill_change_ratio,
        has_poor_service,
        has_higher_bill,
        has_complaint,
        month_start_date,
        responded_at as answered_at,
        left_at

    from answers

)

select * from final
