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

{#- The pairs of the next round: each between two different roots, once. -#}
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
