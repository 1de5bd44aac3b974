{#- One row per keys, with `peak_count`: the most spans of these keys that overlap at one time. A span that ends
    when another begins does not overlap it. -#}
{% macro peak_count(relation, keys) -%}
    select
        {{ keys | join(', ') }},
        max(holding_count) as peak_count

    from (

        {{ saydo.held_pieces(relation, keys) }}

    ) as held

    group by {{ keys | join(', ') }}
{%- endmacro %}

{#- Two rows per span: it adds one (`change`) to the number of open spans when it begins, and takes one off when it
    ends. -#}
{% macro holding_changes(relation, keys) -%}
    select {{ keys | join(', ') }}, valid_from_at as changes_at, 1 as change
    from {{ relation }}

    union all

    select {{ keys | join(', ') }}, valid_to_at as changes_at, -1 as change
    from {{ relation }}
{%- endmacro %}

{#- One row per keys and piece of time between two moments at which spans of theirs begin or end, with how many are open
    in it (`holding_count`). Pieces without an open span are left out. -#}
{% macro held_pieces(relation, keys) -%}
    select *

    from (

        select
            {{ keys | join(', ') }},
            changes_at as valid_from_at,
            lead(changes_at) over (
                -- one row per keys, changes_at
                partition by {{ keys | join(', ') }}
                order by changes_at
            ) as valid_to_at,
            sum(change) over (
                -- one row per keys, changes_at
                partition by {{ keys | join(', ') }}
                order by changes_at
                rows between unbounded preceding and current row
            ) as holding_count

        from (

            select
                {{ keys | join(', ') }},
                changes_at,
                sum(change) as change

            from (

                {{ saydo.holding_changes(relation, keys) }}

            ) as changes

            group by {{ keys | join(', ') }}, changes_at

        ) as moments

    ) as pieces

    where holding_count > 0
{%- endmacro %}
