{#- Rows (scenario_code, direction) of revenue_at_stake; of a KPI the direction is 1 where more is better, else -1. -#}
{% macro stake_scenarios() -%}
    select
        'service_dip' as scenario_code,
        1 as direction

    union all

    select
        'satisfaction_lift' as scenario_code,
        1 as direction
    {%- for kpi in var('kpis') %}

    union all

    select
        'kpi_{{ kpi.name }}' as scenario_code,
        {{ 1 if kpi.good > kpi.poor else -1 }} as direction
    {%- endfor %}
{%- endmacro %}

{#- Every band with its customers and what they pay, of `customers` (band, monthly_recurring_revenue); those of
    whom no score is known or predicted have one if there are any. -#}
{% macro stake_bands(customers) -%}
    select
        names.band,
        count({{ customers }}.customer_id) as customer_count,
        {{ saydo.money('coalesce(sum(' ~ customers ~ '.monthly_recurring_revenue), 0)') }} as monthly_recurring_revenue

    from (
        {%- for band in [
            'dissatisfied', 'neutral', 'fan', 'never_asked_dissatisfied', 'never_asked_neutral', 'never_asked_fan',
            'never_asked_unknown'
        ] %}
        select '{{ band }}' as band
        {{- '\n        union all' if not loop.last }}
        {%- endfor %}
    ) as names

    left join {{ customers }}
        on names.band = {{ customers }}.band

    group by names.band

    having names.band <> 'never_asked_unknown' or count({{ customers }}.customer_id) > 0
{%- endmacro %}

{#- Each band with each scenario: how much of it happens to a customer, and the reason where nothing is said. A
    KPI gets better by a share of what it is in the band; all else happens once to each customer. -#}
{% macro stake_changes(bands, scenarios, effects, kpi_means) -%}
    select
        {{ bands }}.*,
        {{ scenarios }}.scenario_code,
        {{ effects }}.satisfaction_effect,
        {{ effects }}.margin_ratio,
        {{ scenarios }}.direction * {{ effects }}.change_ratio as kpi_change_ratio,
        case
            when {{ scenarios }}.scenario_code in ('service_dip', 'satisfaction_lift') then 1
            else {{ scenarios }}.direction * {{ effects }}.change_ratio * abs({{ kpi_means }}.mean_value)
        end as amount,
        case
            when {{ bands }}.band = 'never_asked_unknown' then 'no satisfaction is known or predicted of them'
            when {{ effects }}.scenario_code is null then 'no estimate has been made of it'
            when {{ bands }}.customer_count = 0 then 'there are no such customers'
            when {{ effects }}.not_publishable_reason is not null then {{ effects }}.not_publishable_reason
            when {{ effects }}.change_ratio is not null and {{ kpi_means }}.band is null
                then 'the KPI was not measured of them in the last month that is over'
        end as reason

    from {{ bands }}

    cross join {{ scenarios }}

    left join {{ effects }}
        on
            {{ scenarios }}.scenario_code = {{ effects }}.scenario_code
            and {{ effects }}.outcome_code = 'revenue'
            and {{ effects }}.other_outcome_code = 'revenue'
            and {{ effects }}.side = 'below_edge'
            and {{ effects }}.other_side = 'below_edge'

    left join {{ kpi_means }}
        on
            {{ bands }}.band = {{ kpi_means }}.band
            and {{ scenarios }}.scenario_code = {{ kpi_means }}.scenario_code
{%- endmacro %}

{#- Revenue that moves, never more than there is, times what is earned of it; unknown stays null. -#}
{% macro stake_money(revenue) -%}
    case
        when {{ revenue }} is not null
            then {{ saydo.rounded(
                'margin_ratio * greatest(-monthly_recurring_revenue, least(monthly_recurring_revenue, ' ~ revenue ~ '))',
                2,
                limit=saydo.largest_money()
            ) }}
    end
{%- endmacro %}
