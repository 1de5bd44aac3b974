{#- The queries of connected_components, in the order it runs them: keys get labels, pairs of keys become pairs of
    labels, and each round every label takes the lowest one beside it and the pairs that still join two are kept. -#}

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

{#- One row per label, with the lowest of itself and the labels that a pair connects it to (`root`). -#}
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

{#- One row per label, with the root of its root: half as many steps are left to the lowest. -#}
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

{#- The pairs by what `names` calls their `ends` (its column `old` is called `new`): each between two different
    ones, once. Of keys these are the first pairs of labels, of labels and their roots the pairs of the next round. -#}
{% macro renamed_pairs(pairs, ends, names, old, new) -%}
    select
        least(lefts.{{ new }}, rights.{{ new }}) as low,
        greatest(lefts.{{ new }}, rights.{{ new }}) as high

    from {{ pairs }} as pairs

    inner join {{ names }} as lefts
        on pairs.{{ ends[0] }} = lefts.{{ old }}

    inner join {{ names }} as rights
        on pairs.{{ ends[1] }} = rights.{{ old }}

    where lefts.{{ new }} <> rights.{{ new }}

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
