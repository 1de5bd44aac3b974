{#- How DuckDB makes a table, a view and rows of an incremental model: in place, in one transaction, which
    a failure leaves as if it had not begun. dbt-duckdb's own, made for engines that cannot, write beside
    and rename, which costs every model of a small day more than its rows (docs/decisions/0008). -#}

{% materialization table, adapter='duckdb' %}
    {{- return(saydo.build_in_place('table', saydo.replace_table())) -}}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {%- set create_view -%}
    {%- if config.get('contract').enforced -%}
        {{- get_assert_columns_equivalent(compiled_code) -}}
    {%- endif %}
    {#- It names no catalog: publishing attaches the warehouse under another name, and reads it there. #}
    create or replace view {{ this }} as (
        {{ compiled_code | replace(adapter.quote(this.database) ~ '.', '') }}
    )
    {%- endset -%}
    {{- return(saydo.build_in_place('view', create_view)) -}}
{% endmaterialization %}

{#- Models delete what they make again in a hook before; so append is the one strategy there is. -#}
{% materialization incremental, adapter='duckdb' %}
    {%- if config.get('incremental_strategy') != 'append' -%}
        {{ exceptions.raise_compiler_error(model.name ~ ': on DuckDB the incremental strategy is append') }}
    {%- endif -%}
    {%- set build_sql = saydo.build_in_steps(is_new=not is_incremental()) -%}
    {{- return(saydo.build_in_place('table', build_sql)) -}}
{% endmaterialization %}

{% macro replace_table(code=none) -%}
    drop table if exists {{ this }}
    ;
    {{ create_table_as(False, this, code or compiled_code) }}
{%- endmacro %}

{#- The rows of each step appended, to a new table or to what is there (macros/incremental/steps_of_months.sql). -#}
{% macro build_in_steps(is_new) -%}
    {%- for step in saydo.steps_of_months() -%}
        {%- set code = compiled_code | replace(saydo.is_in_step(), '(' ~ step ~ ')') -%}
        {%- if loop.first and is_new -%}
            {{ saydo.replace_table(code) }}
        {%- else %}
    ;
    insert into {{ this }} by name ({{ code }})
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{#- Hooks, the statement and its documentation; the relations a materialization answers with. -#}
{% macro build_in_place(relation_type, build_sql) -%}
    {%- set target_relation = this.incorporate(type=relation_type) -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if existing_relation is not none and existing_relation.type != relation_type -%}
        {%- do adapter.drop_relation(existing_relation) -%}
    {%- endif -%}
    {%- call statement('main') -%}
        {{ build_sql }}
    {%- endcall -%}
    {%- do persist_docs(target_relation, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{- return({'relations': [target_relation]}) -}}
{%- endmacro %}
