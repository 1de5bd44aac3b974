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

{#- CTEs stake_sides, stake_weights and stake_moved, each with a comma after it. The last has, by band and
    scenario, the monthly revenue that `changes` move of `customers`, before any cap, and how far it is to the ends
    of its interval.

    A customer is on the side of the edge that his score has halfway through the change. Each counts once with
    the effect on what he spends if he stays, and with what he pays for the effect on leaving. -#}
{% macro stake_moved(changes, customers, effects) -%}
    stake_sides as (

        select
            {{ changes }}.band,
            {{ changes }}.scenario_code,
            {{ changes }}.amount,
            case
                when
                    {{ customers }}.score + {{ changes }}.amount * {{ changes }}.satisfaction_effect / 2
                    < {{ var('policy').chain.edge }}
                    then 'below_edge'
                else 'above_edge'
            end as side,
            count(*) as customer_count,
            sum({{ saydo.price(customers ~ '.monthly_recurring_revenue') }}) as monthly_recurring_revenue

        from {{ changes }}

        inner join {{ customers }}
            on {{ changes }}.band = {{ customers }}.band

        where {{ changes }}.reason is null

        group by 1, 2, 3, 4

    ),

    stake_weights as (

        select
            band,
            scenario_code,
            side,
            'revenue' as outcome_code,
            amount * cast(customer_count as double) as weight

        from stake_sides

        union all

        select
            band,
            scenario_code,
            side,
            'churn' as outcome_code,
            -amount * cast(monthly_recurring_revenue as double) as weight

        from stake_sides

    ),

    -- Parts are rounded before they are summed: the sum then knows no order.
    stake_moved as (

        select
            weights.band,
            weights.scenario_code,
            sum(
                case
                    when weights.outcome_code = others.outcome_code and weights.side = others.side
                        then {{ saydo.exact_number('round(weights.weight * ' ~ effects ~ '.effect, 6)') }}
                    else 0
                end
            ) as revenue,
            max({{ effects }}.interval_multiplier) * sqrt(greatest(0, cast(
                sum({{ saydo.exact_number('round(weights.weight * others.weight * ' ~ effects ~ '.covariance, 6)') }})
                as double
            ))) as half_width

        from stake_weights as weights

        inner join stake_weights as others
            on
                weights.band = others.band
                and weights.scenario_code = others.scenario_code

        inner join {{ effects }}
            on
                weights.scenario_code = {{ effects }}.scenario_code
                and weights.outcome_code = {{ effects }}.outcome_code
                and weights.side = {{ effects }}.side
                and others.outcome_code = {{ effects }}.other_outcome_code
                and others.side = {{ effects }}.other_side

        group by
            weights.band,
            weights.scenario_code

    ),
{%- endmacro %}

{#- Revenue that moves, never more than there is, times what is earned of it; unknown stays null. -#}
{% macro stake_money(revenue) -%}
    case
        when {{ revenue }} is not null
            then {{ saydo.money(
                'margin_ratio * greatest(-monthly_recurring_revenue, least(monthly_recurring_revenue, ' ~ revenue ~ '))'
            ) }}
    end
{%- endmacro %}
