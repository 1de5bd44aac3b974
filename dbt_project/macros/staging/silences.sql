{#- What every feed that listed it lists no longer, with the last snapshot that is silent of it, and since when: a step
    of standing_rows, whose CTEs this reads. -#}
{% macro silences(listed) -%}
    select
        {{ saydo.of_relation('gone', listed) }},
        silent.batch_id,
        {{ saydo.day_begins_at('silent.told_date') }} as told_at

    from (

        select
            {{ saydo.of_relation('heard', listed) }},
            max(batches.silent_position) as silent_position

        from (

            select
                {{ listed | join(', ') }},
                feed,
                max(heard_position) as heard_position

            from listings

            where heard_position is not null

            group by {{ listed | join(', ') }}, feed

        ) as heard

        inner join batches
            on heard.heard_position = batches.position

        group by {{ saydo.of_relation('heard', listed) }}

        having count(*) = count(batches.silent_position)

    ) as gone

    inner join batches as silent
        on gone.silent_position = silent.position
{%- endmacro %}
