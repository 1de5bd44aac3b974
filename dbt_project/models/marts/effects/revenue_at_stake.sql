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
        {{ quotient(nearest_double('sum(' ~ exact_number('kpis.kpi_value') ~ ')'), 'count(*)') }} as mean_value

    from customers

    inner join kpis
        on customers.customer_id = kpis.customer_id

    group by
        customers.band,
        kpis.scenario_code

),

-- What happens to the customers of a band in a scenario, and why nothing can be said of it.
changes as (

    {{ stake_changes('bands', 'scenarios', 'effects', 'kpi_means') }}

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
        {{ share('kpi_change_ratio') }} as kpi_change_ratio,
        {{ effect('amount * satisfaction_effect') }} as satisfaction_change,
        {{ effect(quotient('monthly_revenue_effect', 'customer_count')) }} as effect_per_customer,
        monthly_revenue_effect,
        ci_low,
        ci_high,
        {{ share(quotient(
            'abs(monthly_revenue_effect)', 'sum(abs(monthly_revenue_effect)) over (partition by scenario_code)'
        )) }} as share_of_total,
        cast(
            case
                when monthly_revenue_effect is not null
                    then rank() over (
                        -- one row per band, scenario_code
                        partition by scenario_code
                        order by abs(monthly_revenue_effect) desc nulls last, band
                    )
            end as bigint
        ) as rank,
        coalesce(is_capped, false) as is_capped,
        reason is null as is_publishable,
        reason as not_publishable_reason

    from amounts

)

select * from final
