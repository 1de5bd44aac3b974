-- One row per customer and instant of which we ask what came before and after (customer_id, happened_at).
with

answers as (

    select * from {{ ref('int_stated_answers_selected') }}

),

cancel_answers as (

    select * from {{ ref('int_cancel_answers_selected') }}

),

customers as (

    select * from {{ ref('int_customers_resolved') }}

),

surveys as (

    select * from {{ ref('int_survey_summarised_to_customers') }}

),

experience as (

    select * from {{ ref('int_experience_scored_to_customers') }}

),

thresholds as (

    {{ say_do_thresholds() }}

),

-- Never asked, and badly served: 90 days ago is the moment after which their spending may have fallen.
silent as (

    select
        customers.customer_id,
        {{ start_of_day(as_of_day_minus(90)) }} as happened_at

    from customers

    inner join experience
        on customers.customer_id = experience.customer_id

    cross join thresholds

    left join surveys
        on customers.customer_id = surveys.customer_id

    where
        surveys.customer_id is null
        and experience.experience_score_30d < thresholds.poor_experience_below

),

-- A union of instants: who answers two questions at one has it once.
unioned as (

    select
        customer_id,
        responded_at as happened_at

    from answers

    union

    select
        customer_id,
        happened_at

    from cancel_answers

    union

    -- The bills before leaving are held against those of the 90 days before them.
    select
        customer_id,
        {{ start_of_day(days_after(business_date('happened_at'), -90)) }} as happened_at

    from cancel_answers

    union

    select
        customer_id,
        happened_at

    from silent

),

dated as (

    select
        customer_id,
        happened_at,
        {{ business_date('happened_at') }} as happened_date

    from unioned

),

final as (

    select
        customer_id,
        happened_at,
        happened_date,
        {{ month_start('happened_date') }} as month_start_date,
        {{ days_after('happened_date', 90) }} as followed_until_date,
        {{ days_after('happened_date', 90) }} > {{ as_of_date() }} as is_pending

    from dated

)

select * from final
