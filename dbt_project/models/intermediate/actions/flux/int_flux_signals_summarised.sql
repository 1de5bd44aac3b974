-- One row per signal of flux, with what its lift and the spread of it are worked out from.
{#- Of each customer: months with the signal, of these the ones that were followed, all that were followed, all. -#}
{%- set totals = ['signal_months', 'followed_signal_months', 'followed_months', 'months'] %}
with

months as (

    select * from {{ ref('int_flux_signals_found_to_customer_months') }}

),

customers as (

    select
        customer_id,
        {%- for code in flux_signals() %}
        sum(is_{{ code }}) as {{ code }}_months,
        sum(is_{{ code }} * is_followed) as followed_{{ code }}_months,
        {%- endfor %}
        sum(is_followed) as followed_months,
        count(*) as months

    from months

    group by customer_id

),

signals as (
    {% for code in flux_signals() %}
    select
        '{{ code }}' as signal_code,
        {{ code }}_months as signal_months,
        followed_{{ code }}_months as followed_signal_months,
        followed_months,
        months

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
        {{ whole('count(*)') }} as base_customer_count

    from signals

    group by signal_code

)

select * from final
