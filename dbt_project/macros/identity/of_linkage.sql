{#- Rows of a model of linkage, which is built with linkage on only; with it off, none. `columns` are those that
    the reader takes, each with its type. -#}
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
