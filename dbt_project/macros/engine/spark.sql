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
