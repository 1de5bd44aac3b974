{#- One row per thing that none of the feeds which listed it lists any longer, with the last snapshot that does not list
    it, and since when. A step of standing_rows, whose CTEs this reads. -#}
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
