{#- What dbt-spark does otherwise than the models mean it. A macro of the same name in this project comes first. -#}

{#- A text type without a length, as contracts and dictionaries write it, is `string` there. -#}
{% macro spark__cast(field, type) -%}
    cast({{ field }} as {{ saydo.spark_type(type) }})
{%- endmacro %}

{% macro spark_type(type) -%}
    {{- 'string' if (type | lower) in ['varchar', 'text'] else type -}}
{%- endmacro %}

{#- A dictionary: small, so written as one query, with the types that its YAML gives. -#}
{% macro spark__create_csv_table(model, agate_table) -%}
    {%- set types = model.config.get('column_types', {}) -%}
    {%- set rows -%}
        {#- A row of nulls that nothing keeps gives the columns of a dictionary without rows. -#}
        {%- for row in agate_table.rows or [{}] %}
        {{ 'union all ' if not loop.first }}select
            {%- for name in agate_table.column_names %}
            cast({{ saydo.spark_literal(row.get(name) if row else none) }} as {{ saydo.spark_type(types.get(name, 'string')) }}) as {{ name }}
            {{- ',' if not loop.last }}
            {%- endfor %}
            {{ 'where false' if not row }}
        {%- endfor %}
    {%- endset -%}
    {%- call statement('_') -%}
        {{ create_table_as(False, this, rows) }}
    {%- endcall -%}
    {{- return(rows) -}}
{%- endmacro %}

{% macro spark__load_csv_rows(model, agate_table) -%} {{- return('') -}} {%- endmacro %}

{% macro spark_literal(value) -%}
    {%- if value is none -%} null {%- else -%} '{{ value | string | replace("\\", "\\\\") | replace("'", "\\'") }}' {%- endif -%}
{%- endmacro %}
