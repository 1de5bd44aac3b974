-- One row per customer, with each sign that it may be about to change.
{%- set policy = var('policy').profile %}
with

customers as (

    select * from {{ ref('int_customers_resolved') }}

),

regions as (

    select * from {{ ref('int_regions_compared_to_customers') }}

),

subscriptions as (

    select * from {{ ref('int_subscriptions_summarised_to_customers') }}

),

surveys as (

    select * from {{ ref('int_survey_summarised_to_customers') }}

),

contacts as (

    select * from {{ ref('int_interactions_summarised_to_customers') }}

),

usage as (

    select * from {{ ref('int_network_usage_compared_to_customers') }}

),

signs as (

    select
        customers.customer_id,
        coalesce(
            {{ business_date('subscriptions.contract_ends_at') }} between {{ as_of_date() }}
            and {{ as_of_day_minus(-policy.contract_ending_days) }},
            false
        ) as is_contract_ending,
        coalesce(subscriptions.has_changed_plan, false) as has_changed_plan,
        coalesce(usage.has_shifted_usage, false) as has_shifted_usage,
        coalesce(regions.has_moved_region, false) as has_moved_region,
        coalesce(contacts.has_complained, false) as has_complained,
        coalesce(
            {{ band_rank('surveys.satisfaction_band') }} < {{ band_rank('surveys.previous_satisfaction_band') }}
            and {{ business_date('surveys.latest_satisfaction_at') }} > {{ as_of_day_minus(90) }},
            false
        ) as has_fallen_band,
        coalesce(subscriptions.has_lapsed_add_on and subscriptions.active_subscription_count > 0, false)
            as has_lapsed_add_on

    from customers

    left join regions
        on customers.customer_id = regions.customer_id

    left join subscriptions
        on customers.customer_id = subscriptions.customer_id

    left join surveys
        on customers.customer_id = surveys.customer_id

    left join contacts
        on customers.customer_id = contacts.customer_id

    left join usage
        on customers.customer_id = usage.customer_id

),

final as (

    select
        customer_id,
        -- Each reason leads with its comma; the first comma is cut off.
        nullif(
            substring(
                {% for sign, reason in [
                    ('is_contract_ending', 'contract_ending'), ('has_changed_plan', 'plan_changed'),
                    ('has_shifted_usage', 'usage_shift'), ('has_moved_region', 'moved_region'),
                    ('has_complained', 'complained'), ('has_fallen_band', 'band_fell'),
                    ('has_lapsed_add_on', 'lapsed_add_on'),
                ] -%}
                {{ '|| ' if not loop.first }}case when {{ sign }} then ',{{ reason }}' else '' end
                {% endfor -%}
                , 2
            ),
            ''
        ) as flux_reasons

    from signs

)

select * from final
