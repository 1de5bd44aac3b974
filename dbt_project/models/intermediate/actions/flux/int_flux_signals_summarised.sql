-- One row per signal of flux, with what its lift and the spread of it are worked out from.
{#- Of each customer: months with the signal, of these the ones that were followed; of the months in which anybody had
    it, those that were followed, and all. Before it was delivered at all nothing says how often a change comes. -#}
{%- set totals = ['signal_months', 'followed_signal_months', 'followed_months', 'months'] %}
with

months as (

    select * from {{ ref('int_flux_signals_found_to_customer_months') }}

),

seen as (

    select
        {%- for code in flux_signals() %}
        max(is_{{ code }}) as has_{{ code }},
        {%- endfor %}
        month_start_date

    from months

    group by month_start_date

),

customers as (

    select
        {%- for code in flux_signals() %}
        sum(months.is_{{ code }}) as {{ code }}_months,
        sum(months.is_{{ code }} * months.is_followed) as followed_{{ code }}_months,
        sum(seen.has_{{ code }} * months.is_followed) as {{ code }}_base_followed_months,
        sum(seen.has_{{ code }}) as {{ code }}_base_months,
        {%- endfor %}
        months.customer_id

    from months

    inner join seen
        on months.month_start_date = seen.month_start_date

    group by months.customer_id

),

signals as (
    {% for code in flux_signals() %}
    select
        '{{ code }}' as signal_code,
        {{ code }}_months as signal_months,
        followed_{{ code }}_months as followed_signal_months,
        {{ code }}_base_followed_months as followed_months,
        {{ code }}_base_months as months

    from customers
    {{ 'union all\n' if not loop.last }}
    {%- endfor %}
),

final as (

    select
        signal_code,
        {%- for name in totals %}
        {{ whole('sum(' ~ name ~ ')') }} as {{ name }},
        {%- endfor %}
        {%- for left in totals %}
        {%- for right in totals[loop.index0:] %}
        {{ whole('sum(' ~ left ~ ' * ' ~ right ~ ')') }}
            as {{ left }}_by_{{ right }},
        {%- endfor %}
        {%- endfor %}
        {{ whole('sum(case when signal_months > 0 then 1 else 0 end)') }} as customer_count,
        {{ whole('sum(case when months > 0 then 1 else 0 end)') }} as base_customer_count

    from signals

    group by signal_code

)

select * from final
