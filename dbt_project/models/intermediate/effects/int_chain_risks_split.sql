-- One row per customer and month with an answer and something to lose: score and service split in two.
{{ config(materialized='view') }}
{%- set split = {'below': chain_variable('below'), 'above': chain_variable('above'), 'service': 'experience_score'} %}
with

months as (

    select * from {{ ref('int_chain_months_aligned') }}

    where
        leaves_next is not null
        and satisfaction_score is not null
        and experience_score is not null
        and not is_partial

),

-- The customer's mean up to the month: leaving ends a life, and a mean over all of it would know when.
averaged as (

    select
        {%- for name, value in split.items() %}
        {{ number(value) }} as {{ name }},
        {{ rounded(mean_so_far(number(value)), 6, limit=largest_number()) }} as {{ name }}_mean,
        {%- endfor %}
        *

    from months

),

final as (

    select
        {%- for name in split %}
        {{ name }} - {{ name }}_mean as {{ name }}_deviation,
        {%- endfor %}
        *

    from averaged

)

select * from final
