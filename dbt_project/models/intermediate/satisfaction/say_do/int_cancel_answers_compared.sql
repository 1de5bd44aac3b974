-- One row per customer and instant with an answer to why the customer left: the reason beside the record.
with

answers as (

    select
        *,
        {{ business_date('happened_at') }} as happened_date,
        {{ start_of_day(days_after(business_date('happened_at'), -90)) }} as previous_at

    from {{ ref('int_cancel_answers_selected') }}

),

moments as (

    select * from {{ ref('int_moments_measured') }}

),

contacts as (

    select
        answers.customer_id,
        answers.responded_at,
        count(*) as contact_count,
        {{ whole('sum(case when contacts.is_complaint then 1 else 0 end)') }} as complaint_count

    from answers

    inner join {{ ref('int_interactions_resolved') }} as contacts
        on
            answers.customer_id = contacts.customer_id
            and contacts.occurred_date >= {{ days_after('answers.happened_date', -90) }}
            and contacts.occurred_at < answers.happened_at

    group by
        answers.customer_id,
        answers.responded_at

),

thresholds as (

    {{ say_do_thresholds() }}

),

measured as (

    select
        answers.*,
        moments.experience_score_before,
        moments.fault_day_count_before,
        moments.mrr_before,
        previous_moments.mrr_before as mrr_before_90d,
        previous_moments.revenue_after as revenue_before,
        previous_moments.revenue_before as revenue_before_90d,
        previous_moments.revenue_change_ratio as bill_change_ratio,
        coalesce(contacts.contact_count, 0) as contact_count_before,
        coalesce(contacts.complaint_count, 0) as complaint_count_before,
        coalesce(moments.experience_score_before < thresholds.poor_experience_below, false)
        or coalesce(moments.fault_day_count_before > 0, false) as has_poor_service,
        -- Bills that rise because more of them came are the calendar's.
        (previous_moments.mrr_before > 0 and moments.mrr_before > previous_moments.mrr_before)
        or coalesce(
            previous_moments.revenue_change_ratio >= thresholds.bill_rises_from_ratio
            and previous_moments.charge_count_after <= previous_moments.charge_count_before,
            false
        ) as has_higher_bill,
        coalesce(contacts.complaint_count > 0, false) as has_complaint

    from answers

    inner join moments
        on
            answers.customer_id = moments.customer_id
            and answers.happened_at = moments.happened_at

    inner join moments as previous_moments
        on
            answers.customer_id = previous_moments.customer_id
            and answers.previous_at = previous_moments.happened_at

    left join contacts
        on
            answers.customer_id = contacts.customer_id
            and answers.responded_at = contacts.responded_at

    cross join thresholds

),

final as (

    select
        *,
        case record_type
            when 'service' then case when has_poor_service then 'agrees' else 'disagrees' end
            when 'price' then case when has_higher_bill then 'agrees' else 'disagrees' end
            when 'contact' then case when has_complaint then 'agrees' else 'disagrees' end
            when 'none' then 'not_on_record'
            else 'unlisted'
        end as record_agreement

    from measured

)

select * from final
