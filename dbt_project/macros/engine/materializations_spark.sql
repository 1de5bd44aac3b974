{#- Rows of a table by month, brought up to date on Spark: the new rows are written beside; then the months that they have
    are overwritten, and those of the rebuilt months that they do not have are emptied, which an overwrite of the months
    that are there would leave as they were. Stopped anywhere, it can be done again: what months to rebuild follow from
    is still there until the rows are. -#}
{% materialization incremental, adapter='spark' %}
    {%- set partition = config.get('partition_by') -%}
    {%- if config.get('incremental_strategy') != 'insert_overwrite' or partition | length != 1 -%}
        {{ exceptions.raise_compiler_error(
            model.name ~ ': on Spark the incremental strategy is insert_overwrite, partitioned by one column'
        ) }}
    {%- endif -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing_relation = load_relation(this) -%}

    {%- if existing_relation is none or existing_relation.is_view or should_full_refresh() -%}
        {%- do saydo.drop_if_there(existing_relation) -%}
        {%- call statement('main') -%} {{ create_table_as(False, target_relation, compiled_code) }} {%- endcall -%}
        {%- do saydo.keep_columns(this) -%}
    {%- else -%}
        {%- set beside = this.incorporate(path={'identifier': this.identifier ~ '__new'}, type='table') -%}
        {%- do run_query('drop table if exists ' ~ beside) -%}
        {%- do run_query('create table ' ~ beside ~ ' using parquet as ' ~ compiled_code) -%}
        {%- set names = [] -%}
        {%- for column in adapter.get_columns_in_relation(this) if column.name not in names -%}
            {%- do names.append(column.name) -%}
        {%- endfor -%}
        {%- set facts = names | reject('equalto', partition[0]) | join(', ') -%}
        {{ run_hooks(pre_hooks) }}
        {%- set emptied = run_query(
            'select rebuilt.' ~ partition[0] ~ ' from ' ~ saydo.rebuilt_months(this) ~ ' as rebuilt left anti join ' ~ beside
            ~ ' as written on rebuilt.' ~ partition[0] ~ ' = written.' ~ partition[0]
        ).columns[0].values() -%}
        {%- call statement('main') -%}
            insert overwrite table {{ this }} partition ({{ partition[0] }})
            select {{ facts }}, {{ partition[0] }} from {{ beside }}
        {%- endcall -%}
        {%- for month in emptied -%}
            {%- do run_query(
                'insert overwrite table ' ~ this ~ ' partition (' ~ partition[0] ~ " = '" ~ month ~ "') select " ~ facts
                ~ ' from ' ~ beside ~ ' where false'
            ) -%}
        {%- endfor -%}
        {%- do run_query('drop table ' ~ beside) -%}
    {%- endif -%}

    {%- do persist_docs(target_relation, model) -%}
    {{ run_hooks(post_hooks) }}
    {{- return({'relations': [target_relation]}) -}}
{% endmaterialization %}

{#- A table by month that has no month yet has no file: who reads the files of tables finds its columns beside. -#}
{% macro keep_columns(relation) -%}
    {%- set beside = relation.incorporate(path={'identifier': relation.identifier ~ '__columns'}, type='table') -%}
    {%- do run_query('drop table if exists ' ~ beside) -%}
    {%- do run_query(
        'create table ' ~ beside ~ " using parquet location '" ~ config.get('location_root') ~ '/' ~ beside.identifier
        ~ "' as select * from " ~ relation ~ ' where false'
    ) -%}
{%- endmacro %}

{% macro drop_if_there(relation) -%}
    {%- if relation is not none -%} {%- do adapter.drop_relation(relation) -%} {%- endif -%}
{%- endmacro %}

{#- The months that a model by month rebuilds, as its hook tells them to the materialization. -#}
{% macro rebuilt_months(relation) -%} {{ relation.identifier }}__rebuilt {%- endmacro %}

{% macro tell_rebuilt_months(column, months) -%}
    create or replace temporary view {{ saydo.rebuilt_months(this) }} as
    select {{ column }} from values
        {%- for month in months or [none] %}
        ({{ "'" ~ month ~ "'" if month else 'null' }}){{ ',' if not loop.last }}
        {%- endfor %} as listed ({{ column }})
    where {{ column }} is not null
{%- endmacro %}
