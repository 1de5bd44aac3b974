{#- One row per keys and span: spans of the same keys that touch or overlap are merged into one.

    In: `relation` with the keys, valid_from_at and valid_to_at (never null here), and the instants `beside`.
    Out: the same columns; of each instant `beside`, the earliest among the merged spans. Empty spans are left out. -#}
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
