{#- Transitive closure of pairs, to the fixpoint: one row per key that is in a pair, with the smallest
    key of everything it is connected to, however far.

    The model's SQL gives pairs (left_key, right_key). Each round every label takes the lowest label
    beside it, then that one's own (pointer jumping), and the graph shrinks to the labels that are
    left; it ends when no pair joins two labels. Labels are numbered in the order of a hash of their
    keys, so that no order of keys, a sorted chain neither, makes it slow: a chain of n takes
    O(log n) rounds, and each works on a fraction of the last. Not ending is an error.

    With `touched_model` the model's SQL gives the pairs of touched members only, whole components of
    them; the other members' rows are kept as the last build left them. -#}
{% materialization connected_components, default %}

    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set intermediate_relation = make_intermediate_relation(target_relation) -%}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- set member_column = config.get('member_column', 'member_key') -%}
    {%- set goes_on = existing_relation is not none and config.get('touched_model') and saydo.identity_goes_on() -%}
    {%- set max_rounds = config.get('max_rounds', 40) -%}
    {%- set kept = [] -%}

    {{ drop_relation_if_exists(load_cached_relation(intermediate_relation)) }}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set given = saydo.keep_rows(kept, 'given', compiled_code) -%}
    {%- set members = saydo.keep_rows(kept, 'members', saydo.number_members(given)) -%}
    {%- set state = namespace(
        labels=saydo.keep_rows(kept, 'labels_0', 'select label, label as root from ' ~ members),
        pairs=saydo.keep_rows(kept, 'pairs_0', saydo.number_pairs(given, members)),
        rounds=0
    ) -%}
    {%- set state.open_count = run_query('select count(*) from ' ~ state.pairs).columns[0].values()[0] -%}

    {%- for round in range(1, max_rounds + 1) if state.open_count > 0 -%}
        {%- if state.open_count > 0 -%}
            {%- set lowest = saydo.keep_rows(kept, 'lowest_' ~ round, saydo.lowest_beside(state.pairs)) -%}
            {%- set roots = saydo.keep_rows(kept, 'roots_' ~ round, saydo.jump(lowest)) -%}
            {%- set state.labels = saydo.keep_rows(kept, 'labels_' ~ round, saydo.follow(state.labels, roots)) -%}
            {%- set state.pairs = saydo.keep_rows(kept, 'pairs_' ~ round, saydo.contract(state.pairs, roots)) -%}
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

    {%- set components = saydo.name_components(members, state.labels) -%}
    {%- if goes_on -%}
        {% call statement('main') -%}
            delete from {{ target_relation }}
            where {{ saydo.is_touched(member_column, ref(config.get('touched_model'))) }}
            ;
            insert into {{ target_relation }} ({{ member_column }}, component_key)
            {{ components }}
        {%- endcall %}
    {%- else -%}
        {% call statement('main') -%}
            {{ create_table_as(False, intermediate_relation, components) }}
        {%- endcall %}
        {%- if existing_relation is not none -%}
            {%- do adapter.drop_relation(existing_relation) -%}
        {%- endif -%}
        {%- do adapter.rename_relation(intermediate_relation, target_relation) -%}
    {%- endif -%}
    {%- for relation in kept -%}
        {%- call statement('forget', auto_begin=False) -%} drop table {{ relation }} {%- endcall -%}
    {%- endfor -%}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do persist_docs(target_relation, model) -%}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}

    {{ return({'relations': [target_relation]}) }}

{% endmaterialization %}

{#- Keep a query's rows for the rounds to come; the relation is noted, to be dropped at the end.
    Each is committed by itself: DuckDB takes a table of the running transaction for empty, and would
    join it row by row. -#}
{% macro keep_rows(kept, suffix, sql) -%}
    {%- set relation = make_temp_relation(this, '__' ~ suffix).incorporate(type='table') -%}
    {%- call statement('keep_' ~ suffix, auto_begin=False) -%}
        {{ create_table_as(True, relation, sql) }}
    {%- endcall -%}
    {%- do kept.append(relation) -%}
    {{- return(relation) -}}
{%- endmacro %}

{% macro number_members(pairs) -%}
    select
        member_key,
        row_number() over (
            -- one row per member_key
            order by {{ dbt.hash('member_key') }}, member_key
        ) as label

    from (

        select left_key as member_key
        from {{ pairs }} as lefts

        union

        select right_key as member_key
        from {{ pairs }} as rights

    ) as members
{%- endmacro %}

{% macro number_pairs(pairs, members) -%}
    select
        least(lefts.label, rights.label) as low,
        greatest(lefts.label, rights.label) as high

    from {{ pairs }} as pairs

    inner join {{ members }} as lefts
        on pairs.left_key = lefts.member_key

    inner join {{ members }} as rights
        on pairs.right_key = rights.member_key

    where lefts.label <> rights.label

    group by 1, 2
{%- endmacro %}

{#- The lowest label at or beside each label. -#}
{% macro lowest_beside(pairs) -%}
    select
        label,
        min(beside) as root

    from (

        select high as label, low as beside
        from {{ pairs }}

        union all

        select low as label, low as beside
        from {{ pairs }}

    ) as sides

    group by label
{%- endmacro %}

{#- Each label's root's root. -#}
{% macro jump(lowest) -%}
    select
        labels.label,
        nexts.root

    from {{ lowest }} as labels

    inner join {{ lowest }} as nexts
        on labels.root = nexts.label
{%- endmacro %}

{% macro follow(labels, roots) -%}
    select
        labels.label,
        coalesce(roots.root, labels.root) as root

    from {{ labels }} as labels

    left join {{ roots }} as roots
        on labels.root = roots.label
{%- endmacro %}

{#- The pairs between the labels that are left. -#}
{% macro contract(pairs, roots) -%}
    select
        least(lows.root, highs.root) as low,
        greatest(lows.root, highs.root) as high

    from {{ pairs }} as pairs

    inner join {{ roots }} as lows
        on pairs.low = lows.label

    inner join {{ roots }} as highs
        on pairs.high = highs.label

    where lows.root <> highs.root

    group by 1, 2
{%- endmacro %}

{% macro name_components(members, labels) -%}
    select
        members.member_key as {{ config.get('member_column', 'member_key') }},
        min(members.member_key) over (partition by labels.root) as component_key

    from {{ members }} as members

    inner join {{ labels }} as labels
        on members.label = labels.label
{%- endmacro %}
