-- One row per satisfaction score, in whole points: how many answers, and after how many the customer was gone.
with

months as (

    select
        *,
        {{ beside_months('is_churned', 1) }} as is_churned_next

    from {{ ref('int_customer_months_measured') }}

),

final as (

    select
        cast(round(satisfaction_score, 0) as integer) as score,
        count(*) as observation_count,
        {{ whole('sum(case when is_churned or is_churned_next then 1 else 0 end)') }} as churned_count

    from months

    where
        satisfaction_score is not null
        and (opening_mrr > 0 or closing_mrr > 0)

    group by cast(round(satisfaction_score, 0) as integer)

)

select * from final
