-- One row per bet and combination of its evidence sets that customers were in (bet_code, set_1 to set_6).
{%- set most_sets = 6 %}
with

bets as (

    select * from {{ ref('stg_operations__bets') }}

),

months as (

    select * from {{ ref('int_customer_months_measured') }}

),

{% for bet in var('bets') -%}
{%- set cut_off = bet_month(bet.horizon_months) -%}
-- Customers at the cut-off, and what came of them.
followed_{{ loop.index }} as (

    select
        customer_id,
        max(case when month_start_date = {{ cut_off }} and {{ bet.among }} then 1 else 0 end) as is_meant,
        {%- for number in range(most_sets) %}
        {%- if number < bet.sets | length %}
        max(case when month_start_date = {{ cut_off }} and {{ bet.sets[number].predicate }} then 1 else 0 end) as set_{{ number + 1 }},
        {%- else %}
        0 as set_{{ number + 1 }},
        {%- endif %}
        {%- endfor %}
        {{ bet_outcomes(cut_off, bet_month(0)) }}

    from months

    where month_start_date between {{ cut_off }} and {{ bet_month(0) }}

    group by customer_id

),

{% endfor -%}
counted as (

    {% for bet in var('bets') -%}
    select
        '{{ bet.code }}' as bet_code,
        {%- for number in range(most_sets) %}
        set_{{ number + 1 }},
        {%- endfor %}
        count(*) as customer_count,
        sum(case when {{ bet.outcome }} then 1 else 0 end) as outcome_count

    from followed_{{ loop.index }}

    where is_meant = 1

    group by{% for number in range(most_sets) %} set_{{ number + 1 }}{{ ',' if not loop.last }}{% endfor %}
    {{- '\n\n    union all\n' if not loop.last }}
    {% else -%}
    select
        bet_code,
        {%- for number in range(most_sets) %}
        0 as set_{{ number + 1 }},
        {%- endfor %}
        0 as customer_count,
        0 as outcome_count

    from bets

    where bet_code is null
    {%- endfor %}

),

final as (

    select
        bets.bet_code,
        bets.version,
        bets.owner,
        bets.why,
        bets.bet_outcome,
        bets.horizon_months,
        bets.set_codes,
        bets.evidence,
        {%- for number in range(most_sets) %}
        coalesce(counted.set_{{ number + 1 }}, 0) as set_{{ number + 1 }},
        {%- endfor %}
        {{ whole('coalesce(counted.customer_count, 0)') }} as customer_count,
        {{ whole('coalesce(counted.outcome_count, 0)') }} as outcome_count,
        cast({{ dbt.dateadd('day', -1, bet_month('bets.horizon_months - 1')) }} as date) as cut_off_date

    from bets

    left join counted
        on bets.bet_code = counted.bet_code

)

select * from final
