{#- Spans of the same keys that touch or overlap become one. `relation` holds the keys and
    valid_from_at, valid_to_at (never null here); spans that are empty are left out. Of the instants
    `beside`, the least of the spans that become one goes with it. -#}
{% macro merge_spans(relation, keys, beside=[]) -%}
    {%- set least -%}
        {%- for column in beside -%}, min({{ column }}) as {{ column }} {% endfor -%}
    {%- endset -%}
    select
        {{ keys | join(', ') }},
        min(valid_from_at) as valid_from_at,
        max(valid_to_at) as valid_to_at
        {{ least }}

    from {{ relation }}

    where valid_from_at < valid_to_at

    group by {{ keys | join(', ') }}

    -- Most keys have one span: only the others are worth sorting.
    having count(*) = 1

    union all

    select
        {{ keys | join(', ') }},
        min(valid_from_at) as valid_from_at,
        max(valid_to_at) as valid_to_at
        {{ least }}

    from (

        select
            marked.*,
            sum(begins) over (
                -- one row per keys, valid_from_at, valid_to_at
                partition by {{ keys | join(', ') }}
                order by valid_from_at, valid_to_at
                rows between unbounded preceding and current row
            ) as island

        from (

            select
                spans.*,
                case
                    when
                        valid_from_at <= max(valid_to_at) over (
                            -- one row per keys, valid_from_at, valid_to_at
                            partition by {{ keys | join(', ') }}
                            order by valid_from_at, valid_to_at
                            rows between unbounded preceding and 1 preceding
                        )
                        then 0
                    else 1
                end as begins

            from (

                -- Equal spans are one: two windows over rows that tie need not see one order of them.
                select
                    {%- for key in keys %}
                    relation.{{ key }},
                    {%- endfor %}
                    relation.valid_from_at,
                    relation.valid_to_at
                    {{ least }}

                from {{ relation }} as relation

                inner join (

                    select {{ keys | join(', ') }}

                    from {{ relation }}

                    where valid_from_at < valid_to_at

                    group by {{ keys | join(', ') }}

                    having count(*) > 1

                ) as several
                    on
                        {%- for key in keys %}
                        {{ 'and ' if not loop.first }}relation.{{ key }} = several.{{ key }}
                        {%- endfor %}

                where relation.valid_from_at < relation.valid_to_at

                group by
                    {%- for key in keys %}
                    relation.{{ key }},
                    {%- endfor %}
                    relation.valid_from_at,
                    relation.valid_to_at

            ) as spans

        ) as marked

    ) as islands

    group by {{ keys | join(', ') }}, island
{%- endmacro %}

{#- How many spans of the same keys hold at one time, at most. A span that ends as another begins
    does not overlap it. -#}
{% macro peak_count(relation, keys) -%}
    select
        {{ keys | join(', ') }},
        max(holding_count) as peak_count

    from (

        {{ saydo.held_pieces(relation, keys) }}

    ) as held

    group by {{ keys | join(', ') }}
{%- endmacro %}

{#- When spans of the same keys begin and end, as changes of how many hold. -#}
{% macro holding_changes(relation, keys) -%}
    select {{ keys | join(', ') }}, valid_from_at as changes_at, 1 as change
    from {{ relation }}

    union all

    select {{ keys | join(', ') }}, valid_to_at as changes_at, -1 as change
    from {{ relation }}
{%- endmacro %}

{#- The pieces of time between two changes of how many hold the same keys, where anybody does. -#}
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
