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
                    {{ customers }}.score + {{ changes }}.amount * {{ changes }}.satisfaction_effect * 0.5
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
                        then {{ saydo.rounded('weights.weight * ' ~ effects ~ '.effect', 6, 38, limit='1' ~ '0' * 20) }}
                    else 0
                end
            ) as revenue,
            max({{ effects }}.interval_multiplier) * sqrt(greatest(0, {{ saydo.nearest_double(
                'sum(' ~ saydo.rounded(
                    'weights.weight * others.weight * ' ~ effects ~ '.covariance', 6, 38, limit='1' ~ '0' * 20
                ) ~ ')'
            ) }})) as half_width

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
