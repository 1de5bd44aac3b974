-- One row per customer whose identity, subscriptions, answers or contacts differ from the last build.
{%- set has_built = has_built() %}
with

{%- for model_name, columns in remembered_models().items() %}

{{ model_name }}_changed as (

    {%- if has_built %}
    select customer_id
    from (select {{ columns }} from {{ ref(model_name) }} except select {{ columns }} from {{ memory_of(model_name) }}) as here

    union

    select customer_id
    from (select {{ columns }} from {{ memory_of(model_name) }} except select {{ columns }} from {{ ref(model_name) }}) as gone
    {%- else %}
    select customer_id from {{ ref(model_name) }} where false
    {%- endif %}

),
{%- endfor %}

final as (

    {%- for model_name in remembered_models() %}
    {%- if not loop.first %}

    union
    {%- endif %}

    select customer_id from {{ model_name }}_changed
    {%- endfor %}

)

select * from final
