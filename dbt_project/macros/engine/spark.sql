{#- What dbt's macros of these names do on Spark, as they do it on DuckDB: null of a null, no fraction of a second lost, and
    boundaries counted, where dbt-spark's own refuse, lose and count whole months. Macros of the project come first. -#}

{% macro spark__dateadd(datepart, interval, from_date_or_timestamp) -%}
    timestampadd({{ datepart }}, cast({{ interval }} as int), cast({{ from_date_or_timestamp }} as timestamp))
{%- endmacro %}

{% macro spark__datediff(first_date, second_date, datepart) -%}
    {%- if datepart == 'day' -%}
    cast(datediff(cast({{ second_date }} as date), cast({{ first_date }} as date)) as bigint)
    {%- elif datepart == 'month' -%}
    cast(
        12 * (year({{ second_date }}) - year({{ first_date }})) + month({{ second_date }}) - month({{ first_date }}) as bigint
    )
    {%- elif datepart == 'microsecond' -%}
    timestampdiff(microsecond, cast({{ first_date }} as timestamp), cast({{ second_date }} as timestamp))
    {%- else -%}
    {{ exceptions.raise_compiler_error("macros/engine/spark.sql: datediff counts days, months and microseconds, not " ~ datepart) }}
    {%- endif -%}
{%- endmacro %}

{#- Values in their own order, which is the one that the models ask for: constant text before a value does not change it. -#}
{% macro spark__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    {%- if not order_by_clause or order_by_clause.split()[-1] not in measure -%}
    {{ exceptions.raise_compiler_error("macros/engine/spark.sql: listagg orders by its values, not: " ~ order_by_clause) }}
    {%- endif -%}
    {%- set values = 'array_sort(collect_list(' ~ measure ~ '))' -%}
    {%- set listed = 'slice(' ~ values ~ ', 1, ' ~ limit_num ~ ')' if limit_num else values -%}
    nullif(array_join({{ listed }}, {{ delimiter_text }}), '')
{%- endmacro %}

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
