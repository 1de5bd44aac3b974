{#- The rows of a model that is built with linkage on only; with linkage off, no rows of the same columns. `columns`
    maps each column that the caller reads to its type. -#}
{% macro of_linkage(model_name, columns) -%}
    {%- if var('policy').linkage.is_on -%}
    select * from {{ ref(model_name) }}
    {%- else -%}
    select
        {%- for name, type in columns.items() %}
        cast(null as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}

    where false
    {%- endif -%}
{%- endmacro %}
