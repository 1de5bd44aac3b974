-- One row per customer and signal that it may be about to change, as of the as-of day (customer_id, signal_code).
{%- set contract_days = var('policy').profile.contract_ending_days %}
with

reasons as (

    select * from {{ ref('int_flux_reasons_listed') }}

    where flux_reasons is not null

),

dated as (

    select
        reasons.customer_id,
        ',' || reasons.flux_reasons || ',' as flux_reasons,
        {{ business_date('subscriptions.contract_ends_at') }} as contract_ends_date,
        subscriptions.plan_changed_date,
        subscriptions.add_on_lapsed_date,
        usage.traffic_change_ratio,
        regions.moved_date,
        contacts.last_complaint_date,
        surveys.satisfaction_band,
        surveys.previous_satisfaction_band,
        {{ business_date('surveys.latest_satisfaction_at') }} as satisfaction_date

    from reasons

    left join {{ ref('int_subscriptions_summarised_to_customers') }} as subscriptions
        on reasons.customer_id = subscriptions.customer_id

    left join {{ ref('int_network_usage_compared_to_customers') }} as usage
        on reasons.customer_id = usage.customer_id

    left join {{ ref('int_regions_compared_to_customers') }} as regions
        on reasons.customer_id = regions.customer_id

    left join {{ ref('int_interactions_summarised_to_customers') }} as contacts
        on reasons.customer_id = contacts.customer_id

    left join {{ ref('int_survey_summarised_to_customers') }} as surveys
        on reasons.customer_id = surveys.customer_id

),

{#- Code, day since which it is seen, strength, what it says. -#}
{%- set signals = [
    (
        'contract_ending',
        dbt.dateadd('day', -contract_days, 'contract_ends_date'),
        '1 - ' ~ quotient(dbt.datediff(as_of_date(), 'contract_ends_date', 'day'), contract_days + 1),
        "'The contract ends on ' || " ~ text('contract_ends_date') ~ " || '.'",
    ),
    (
        'plan_changed', 'plan_changed_date', recency('plan_changed_date'),
        "'Took another plan on ' || " ~ text('plan_changed_date') ~ " || '.'",
    ),
    (
        'usage_shift', as_of_day_minus(29), 'least(1, abs(traffic_change_ratio))',
        "case when traffic_change_ratio <= -1 then 'No use in 30 days.' else 'Traffic of 30 days is '
        || " ~ text(whole(rounded('100 * abs(traffic_change_ratio)', 0))) ~ "
        || '% ' || case when traffic_change_ratio > 0 then 'above' else 'below' end
        || ' that of the two months before.' end",
    ),
    (
        'moved_region', 'moved_date', recency('moved_date'),
        "'Lives in another region since ' || " ~ text('moved_date') ~ " || '.'",
    ),
    (
        'complained', 'last_complaint_date', recency('last_complaint_date'),
        "'Complained on ' || " ~ text('last_complaint_date') ~ " || '.'",
    ),
    (
        'band_fell', 'satisfaction_date',
        quotient(band_rank('previous_satisfaction_band') ~ ' - ' ~ band_rank('satisfaction_band'), 2),
        "'Was ' || previous_satisfaction_band || ', and ' || satisfaction_band || ' on '
        || " ~ text('satisfaction_date') ~ " || '.'",
    ),
    (
        'lapsed_add_on', 'add_on_lapsed_date', recency('add_on_lapsed_date'),
        "'Gave up an add-on on ' || " ~ text('add_on_lapsed_date') ~ " || '.'",
    ),
] %}

final as (
    {% for code, day, strength, says in signals %}
    select
        customer_id,
        '{{ code }}' as signal_code,
        {{ share(strength) }} as strength,
        {{ says }} as sentence,
        cast({{ day }} as date) as first_seen_date

    from dated

    where flux_reasons like '%,{{ code }},%'
    {{ 'union all\n' if not loop.last }}
    {%- endfor %}
)

select * from final
