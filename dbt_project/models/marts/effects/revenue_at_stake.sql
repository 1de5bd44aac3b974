-- One row per satisfaction band of active customers and scenario: the monthly revenue that it moves.
with

profiles as (

    select * from {{ ref('customer_profiles') }}

),

kpis as (

    select * from {{ ref('int_kpis_selected_to_customers') }}

),

effects as (

    select * from {{ source('estimates', 'scenario_effects') }}

),

customers as (

    select
        customer_id,
        monthly_recurring_revenue,
        coalesce(latest_satisfaction_score, predicted_satisfaction_score) as score,
        case
            when latest_satisfaction_score is not null then satisfaction_band
            when predicted_satisfaction_score is null then 'never_asked_unknown'
            else {{ dbt.concat(["'never_asked_'", satisfaction_band('predicted_satisfaction_score')]) }}
        end as band

    from profiles

    where customer_status = 'active'

),

bands as (

    {{ stake_bands('customers') }}

),

scenarios as (

    {{ stake_scenarios() }}

),

kpi_means as (

    select
        customers.band,
        kpis.scenario_code,
        cast(sum({{ exact_number('kpis.kpi_value') }}) as double) / count(*) as mean_value

    from customers

    inner join kpis
        on customers.customer_id = kpis.customer_id

    group by
        customers.band,
        kpis.scenario_code

),

-- A KPI gets better by a share of what it is in the band; all else happens once to each customer.
changes as (

    select
        bands.*,
        scenarios.scenario_code,
        effects.satisfaction_effect,
        effects.margin_ratio,
        case
            when scenarios.scenario_code in ('service_dip', 'satisfaction_lift') then 1
            else scenarios.direction * effects.change_ratio * abs(kpi_means.mean_value)
        end as amount,
        case
            when bands.band = 'never_asked_unknown' then 'no satisfaction is known or predicted of them'
            when effects.scenario_code is null then 'no estimate has been made of it'
            when bands.customer_count = 0 then 'there are no such customers'
            when effects.not_publishable_reason is not null then effects.not_publishable_reason
            when effects.change_ratio is not null and kpi_means.band is null
                then 'the KPI was not measured of them in the last month that is over'
        end as reason

    from bands

    cross join scenarios

    left join effects
        on
            scenarios.scenario_code = effects.scenario_code
            and effects.outcome_code = 'revenue'
            and effects.other_outcome_code = 'revenue'
            and effects.side = 'below_edge'
            and effects.other_side = 'below_edge'

    left join kpi_means
        on
            bands.band = kpi_means.band
            and scenarios.scenario_code = kpi_means.scenario_code

),

{{ stake_moved('changes', 'customers', 'effects') }}

amounts as (

    select
        changes.*,
        abs(moved.revenue) > changes.monthly_recurring_revenue as is_capped,
        {{ stake_money('moved.revenue') }} as monthly_revenue_effect,
        {{ stake_money('moved.revenue - moved.half_width') }} as ci_low,
        {{ stake_money('moved.revenue + moved.half_width') }} as ci_high

    from changes

    left join stake_moved as moved
        on
            changes.band = moved.band
            and changes.scenario_code = moved.scenario_code

),

final as (

    select
        band,
        scenario_code,
        customer_count,
        monthly_recurring_revenue,
        {{ effect('amount * satisfaction_effect') }} as satisfaction_change,
        {{ effect('monthly_revenue_effect / nullif(customer_count, 0)') }} as effect_per_customer,
        monthly_revenue_effect,
        ci_low,
        ci_high,
        {{ share(
            'abs(monthly_revenue_effect) / nullif(sum(abs(monthly_revenue_effect)) over (partition by scenario_code), 0)'
        ) }} as share_of_total,
        case
            when monthly_revenue_effect is not null
                then rank() over (
                    -- one row per band, scenario_code
                    partition by scenario_code
                    order by abs(monthly_revenue_effect) desc nulls last, band
                )
        end as rank,
        coalesce(is_capped, false) as is_capped,
        reason is null as is_publishable,
        reason as not_publishable_reason

    from amounts

)

select * from final
