{#- What Spark calls the sources: DuckDB reads their files by path (models/sources.yml), Spark by the names of tables and
    views over the same files. `saydo.build` runs it before the first layer.

    `raw_columns` maps each table of raw to its columns as DDL, so that nothing is guessed from files, of which an older
    one may lack a column. `batch` and `month` are told by the folders, which Spark lists as it reads: as partitions of its
    catalog they would be dropped and written anew for each build, one by one, a whole history's. -#}
{% macro register_sources(raw_columns) -%}
    {%- set known = [] -%}
    {%- for node in graph.sources.values() -%}
        {%- set name = node.schema ~ '.' ~ node.identifier -%}
        {%- set place = node.config.meta.location | replace('{identifier}', node.identifier) | replace("'", "\\'") -%}
        {%- if node.schema not in known -%}
            {%- do known.append(node.schema) -%}
            {%- do run_query("create schema if not exists " ~ node.schema) -%}
        {%- endif -%}
        {%- if node.source_name == 'raw' -%}
            {%- do run_query('drop table if exists ' ~ name) -%}
            {%- do run_query(
                'create table ' ~ name ~ ' (' ~ raw_columns[node.identifier] ~ ', batch string, month string) using parquet'
                ~ " location '" ~ place ~ "'"
            ) -%}
        {%- else -%}
            {%- do run_query('create or replace view ' ~ name ~ ' as select * from parquet.`' ~ place ~ '`') -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
