{#- One row per thing that no feed lists any longer. Of each feed that listed it, the first snapshot without it counts,
    and the latest of these gives `batch_id` and the begin of its day (`told_at`). A step of standing_rows, whose CTEs
    this reads. -#}
{% macro silences(listed) -%}
    select
        {{ saydo.of_relation('gone', listed) }},
        silent.batch_id,
        {{ saydo.start_of_day('silent.told_date') }} as told_at

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
