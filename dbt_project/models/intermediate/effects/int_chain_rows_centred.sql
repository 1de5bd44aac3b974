-- One row per sample, customer and month: the values of its variables, and their distances from the customer's means.
with

months as (

    select * from {{ ref('int_chain_months_aligned') }}

),

risks as (

    select * from {{ ref('int_chain_risks_split') }}

),

units as (

    select * from {{ ref('int_chain_units_measured') }}

),

{% for sample in var('chain_samples') -%}
{{ chain_rows(sample, 'months' if sample.is_within else 'risks') }}

{% endfor -%}
final as (
    {%- for sample in var('chain_samples') %}

    select * from {{ sample.code }}_rows
    {{- '\n\n    union all' if not loop.last }}
    {%- endfor %}

)

select * from final
