-- One row per sample: the units in which its variables are counted.
{%- set positions = chain_positions() %}
with

months as (

    select * from {{ ref('int_chain_months_aligned') }}

),

risks as (

    select * from {{ ref('int_chain_risks_split') }}

),

final as (
    {%- for sample in var('chain_samples') %}

    select
        '{{ sample.code }}' as sample_code
        {%- for position in range(1, positions + 1) %},
        {{ chain_unit(sample.variables[position - 1]) }} as unit_{{ position }}
        {%- endfor %}

    from {{ 'months' if sample.is_within else 'risks' }}

    where not is_partial
    {{- '\n\n    union all' if not loop.last }}
    {%- endfor %}

)

select * from final
