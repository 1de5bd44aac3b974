{#- A row that snapshots no longer list may have been replaced by a later row of the same thing. These steps of
    standing_rows, whose CTEs they read, find such rows. -#}

{#- One row per silenced row of `ended` and row of the same thing that the next batch to tell of it gives for the same
    time. If that one begins no later, it replaces the silenced row (`is_covered`); if later, the silenced row ends where
    it begins (`begins_at`). -#}
{% macro told_anew(thing, begins) -%}
    select
        earlier._place,
        {{ saydo.begun_anew(begins) }}

    from (

        select
            ended.*,
            min(_heard_position) over (
                partition by {{ thing | join(', ') }}
                order by _heard_position
                range between 1 following and unbounded following
            ) as _next_position

        from ended

        where
            _heard_position is not null
            and ({{ thing | join(', ') }}) in (

                select {{ thing | join(', ') }}

                from ended

                where _is_silenced

            )

    ) as earlier

    inner join ended as later
        on
            {{ saydo.same('earlier', 'later', thing) }}
            and earlier._next_position = later._heard_position

    where
        earlier._is_silenced
        and {{ saydo.overlaps(begins) }}
{%- endmacro %}

{#- The rows of `ended` that no row of `anew` replaces, with `stood_to_at`: their own end, or the begin of the row that
    follows them if that is earlier. -#}
{% macro unless_told_anew() -%}
    select
        ended.*,
        case
            when ended._silent_batch_id is not null and told.begins_at < ended._ended_at then told.begins_at
            else ended._ended_at
        end as stood_to_at

    from ended

    left join (

        select
            _place,
            max(is_covered) as is_covered,
            min(begins_at) as begins_at

        from anew

        group by _place

    ) as told
        on ended._place = told._place

    where coalesce(told.is_covered, 0) = 0
{%- endmacro %}

{% macro begun_anew(begins) -%}
        case when coalesce(later.{{ begins }} <= earlier.{{ begins }}, later.{{ begins }} is null) then 1 else 0 end
        as is_covered,
        later.{{ begins }} as begins_at
{%- endmacro %}

{% macro overlaps(begins) -%}
        (later.{{ begins }} is null or later.{{ begins }} < earlier._ended_at)
        and (
            later._ended_at is null
            or earlier.{{ begins }} is null
            or later._ended_at > earlier.{{ begins }}
        )
{%- endmacro %}
