{#- Identifiers that snapshots list with one account no longer and then with another: steps of standing_rows, whose
    CTEs these macros read. -#}

{#- Two rows per row of an identifier that has a silenced row. One for where it was first listed, with the latest end
    among the rows last listed before that (`passed_on_at`); one for where it was last listed (`is_last`), with where
    the next row is first listed (`next_position`). -#}
{% macro changes_of_hands() -%}
    select
        _place,
        is_last,
        max(ended_at) over (
            partition by id_type, id_key
            order by position
            range between unbounded preceding and 1 preceding
        ) as passed_on_at,
        min(case when not is_last then position end) over (
            partition by id_type, id_key
            order by position
            range between 1 following and unbounded following
        ) as next_position

    from (

        select
            id_type,
            id_key,
            _place,
            _heard_position as position,
            case when _is_silenced then _ended_at end as ended_at,
            true as is_last
        from ended
        where _heard_position is not null

        union all

        select
            id_type,
            id_key,
            _place,
            _first_position as position,
            null as ended_at,
            false as is_last
        from ended

    ) as hands

    where (id_type, id_key) in (

        select
            id_type,
            id_key
        from ended
        where _is_silenced

    )
{%- endmacro %}

{#- As told_anew, for an identifier that is listed with another account next, which was not listed with it before. -#}
{% macro handed_over() -%}
    select
        earlier._place,
        {{ saydo.begun_anew('valid_from_at') }}

    from hands

    inner join ended as earlier
        on hands._place = earlier._place

    inner join ended as later
        on
            earlier.id_type = later.id_type
            and earlier.id_key = later.id_key
            and hands.next_position = later._first_position
            and earlier.account_key <> later.account_key

    where
        hands.is_last
        and earlier._is_silenced
        -- Without a begin, it is the later one that follows (`passed_on_at`).
        and later.valid_from_at is not null
        and {{ saydo.overlaps('valid_from_at') }}
{%- endmacro %}
