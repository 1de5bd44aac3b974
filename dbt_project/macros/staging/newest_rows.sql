{#- One row per key: the newest of the versions delivered. -#}

{#- The newest accepted row of each key of a canonical source: every row but those that a newer one
    supersedes. A large source that several models read has a model of those, `superseded`, so that they
    are looked for once; for others the key's columns are enough. -#}
{% macro newest_rows(source_name, keys=none, known='true', superseded=none) -%}
    {%- if not superseded -%}
        {%- set repeated = saydo.repeated_keys(source_name, keys, known) -%}
        {%- set superseded = '(' ~ saydo.superseded_rows(source_name, keys, repeated, known=known) ~ ')' -%}
    {%- endif -%}
    select passed.*

    from (

        {{ saydo.accepted_rows(source_name, known) }}

    ) as passed

    left join {{ superseded }} as superseded
        on
            passed.batch = superseded._batch_id
            and passed._line_number = superseded._line_number

    where superseded._batch_id is null
{%- endmacro %}

{#- The newest of the rows that a query gives, by ranking all of them. -#}
{% macro newest_of(rows, keys, version=none) -%}
    select *

    from (

        select
            versions.*,
            row_number() over (
                {{ saydo.newest_first(keys, version) }}
            ) as _recency

        from (

            {{ rows }}

        ) as versions

        inner join (

            {{ saydo.ordered_batches() }}

        ) as ordered
            on versions.batch = ordered.batch_id

    ) as ranked

    where _recency = 1
{%- endmacro %}

{#- What a window over versions of one key holds: newest first, by the source's own version, then by the
    order of the batches. Complete, so that the choice never depends on chance. -#}
{% macro newest_first(keys, version=none) -%}
                -- one row per position, _line_number
                partition by {{ saydo.of_relation('versions', keys) }}
                order by
                    {%- if version %}
                    versions.{{ version }} desc nulls last,
                    {%- endif %}
                    ordered.position desc,
                    versions._line_number desc
{%- endmacro %}
