-- One row per customer whose identity, subscriptions, answers or contacts differ from the last build.
with

final as (

    select customer_id from {{ ref('int_identifiers_changed') }}
    {%- for model_name in remembered_models() if model_name != 'int_identifiers_resolved' %}

    union

    {{ changed_rows(model_name, 'customer_id') }}
    {%- endfor %}

)

select * from final
