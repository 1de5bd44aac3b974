{#- Connected components of a graph: one row per key that is in a pair, with the smallest of all keys that it is
    connected to over any number of pairs.

    In: the model's SQL gives the pairs (left_key, right_key). Each key starts with a label of its own, a number.
    Each round, every label takes the lowest label that a pair connects it to, then the label that this one took
    (pointer jumping), and only pairs that still join two different labels go into the next round. It ends when none
    is left; if some are left after `max_rounds`, the build fails.

    Labels are numbered in the order of a hash of the keys, since numbers in the order of the keys would make a sorted
    chain slow. A chain of n takes O(log n) rounds, and each round has a fraction of the pairs of the one before. -#}
{% materialization connected_components, default %}

    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set intermediate_relation = make_intermediate_relation(target_relation) -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set max_rounds = config.get('max_rounds', 40) -%}
    {%- set kept = [] -%}

    {{ drop_relation_if_exists(load_cached_relation(intermediate_relation)) }}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set given = saydo.keep_rows(kept, 'given', compiled_code) -%}
    {%- set members = saydo.keep_rows(kept, 'members', saydo.number_members(given)) -%}
    {%- set state = namespace(
        labels=saydo.keep_rows(kept, 'labels_0', 'select label, label as root from ' ~ members),
        pairs=saydo.keep_rows(
            kept, 'pairs_0', saydo.renamed_pairs(given, ['left_key', 'right_key'], members, 'member_key', 'label')
        ),
        rounds=0
    ) -%}
    {%- set state.open_count = run_query('select count(*) from ' ~ state.pairs).columns[0].values()[0] -%}

    {%- for round in range(1, max_rounds + 1) if state.open_count > 0 -%}
        {%- if state.open_count > 0 -%}
            {%- set lowest = saydo.keep_rows(kept, 'lowest_' ~ round, saydo.lowest_beside(state.pairs)) -%}
            {%- set roots = saydo.keep_rows(kept, 'roots_' ~ round, saydo.jump(lowest)) -%}
            {%- set state.labels = saydo.keep_rows(kept, 'labels_' ~ round, saydo.follow(state.labels, roots)) -%}
            {%- set state.pairs = saydo.keep_rows(
                kept, 'pairs_' ~ round, saydo.renamed_pairs(state.pairs, ['low', 'high'], roots, 'label', 'root')
            ) -%}
            {%- set state.open_count = run_query('select count(*) from ' ~ state.pairs).columns[0].values()[0] -%}
            {%- set state.rounds = round -%}
        {%- endif -%}
    {%- endfor -%}

    {%- if state.open_count > 0 -%}
        {{ exceptions.raise_compiler_error(
            this.identifier ~ ' did not settle within ' ~ max_rounds ~ ' rounds: ' ~ state.open_count
            ~ ' pairs still join two components; raise max_rounds in its configuration'
        ) }}
    {%- endif -%}
    {{ log(this.identifier ~ ' settled after ' ~ state.rounds ~ ' rounds', info=true) }}

    {% call statement('main') -%}
        {{ create_table_as(False, intermediate_relation, saydo.name_components(members, state.labels)) }}
    {%- endcall -%}
    {%- if existing_relation is not none -%}
        {%- do adapter.drop_relation(existing_relation) -%}
    {%- endif -%}
    {%- do adapter.rename_relation(intermediate_relation, target_relation) -%}
    {%- for relation in kept -%}
        {%- call statement('forget', auto_begin=False) -%} drop table {{ relation }} {%- endcall -%}
    {%- endfor -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do persist_docs(target_relation, model) -%}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}

{% endmaterialization %}

{#- Write a query's rows into a table for the next rounds, and note it in `kept`, to be dropped at the end. -#}
{% macro keep_rows(kept, suffix, sql) -%}
    {%- set relation = adapter.dispatch('round_relation', 'saydo')(suffix) -%}
    {%- call statement('keep_' ~ suffix, auto_begin=False) -%}
        {{ adapter.dispatch('keep_round', 'saydo')(relation, sql) }}
    {%- endcall -%}
    {%- do kept.append(relation) -%}
    {{- return(relation) -}}
{%- endmacro %}

{#- Each table is committed by itself: DuckDB plans as if a table of the running transaction were empty, and would
    join it row by row. -#}
{% macro duckdb__round_relation(suffix) -%}
    {{- return(make_temp_relation(this, '__' ~ suffix).incorporate(type='table')) -}}
{%- endmacro %}

{% macro duckdb__keep_round(relation, sql) -%} {{ create_table_as(True, relation, sql) }} {%- endmacro %}

{#- A temporary table of Spark is a query: each round would do all rounds before it again. -#}
{% macro spark__round_relation(suffix) -%}
    {%- set relation = this.incorporate(path={'identifier': this.identifier ~ '__' ~ suffix}, type='table') -%}
    {%- do run_query('drop table if exists ' ~ relation) -%}
    {{- return(relation) -}}
{%- endmacro %}

{% macro spark__keep_round(relation, sql) -%} create table {{ relation }} using parquet as {{ sql }} {%- endmacro %}
