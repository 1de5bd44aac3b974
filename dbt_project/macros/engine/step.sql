{#- A step of a model that several later steps read: a query by itself, which reads no CTE around it. DuckDB works a common
    table expression out once. Spark does so wherever it is read, and plans it as often: there the rows are written beside
    the model first, when it is built. -#}
{% macro step(name, query) -%}
    {{- return(adapter.dispatch('step', 'saydo')(name, query)) -}}
{%- endmacro %}

{% macro duckdb__step(name, query) -%} {{ query }} {%- endmacro %}

{% macro spark__step(name, query) -%}
    {%- set is_built = execute and flags.WHICH in ['build', 'run'] and model.resource_type == 'model' -%}
    {%- if not is_built -%} {{- return(query) -}} {%- endif -%}
    {%- set beside = this.incorporate(path={'identifier': this.identifier ~ '__' ~ name}, type='table') -%}
    {%- do run_query('drop table if exists ' ~ beside) -%}
    {%- do run_query('create table ' ~ beside ~ ' using parquet as ' ~ query) -%}
    select * from {{ beside }}
{%- endmacro %}
