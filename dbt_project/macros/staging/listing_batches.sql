{#- One row per batch that counts, with whether it speaks of a time up to the as-of date (`is_heard`), and with the
    position and the day of the next snapshot of its feed (`silent_position`, `silent_from_date`; null if none has come
    by the as-of date): what that snapshot does not list has ended then. With `as_of` false, every snapshot is taken,
    whatever its day. -#}
{% macro listing_batches(source_name=none, as_of=true) -%}
    select
        followed.batch_id,
        followed.feed,
        followed.source,
        followed.position,
        followed.told_date,
        {%- if as_of %}
        not followed.is_snapshot or {{ saydo.day_is_by_as_of('followed.told_date') }} as is_heard,
        {%- for value in ['silent_position', 'silent_from_date'] %}
        case
            when {{ saydo.day_is_by_as_of('followed.silent_from_date') }} then followed.{{ value }}
        end as {{ value }}{{ ',' if not loop.last }}
        {%- endfor %}
        {%- else %}
        true as is_heard,
        followed.silent_position,
        followed.silent_from_date
        {%- endif %}

    from (

        select
            ordered.*,
            {%- for value, name in [('position', 'silent_position'), ('told_date', 'silent_from_date')] %}
            min(case when ordered.is_snapshot then ordered.{{ value }} end) over (
                -- one row per position
                partition by ordered.source, ordered.feed
                order by ordered.position
                rows between 1 following and unbounded following
            ) as {{ name }}{{ ',' if not loop.last }}
            {%- endfor %}

        from (

            {{ saydo.ordered_batches() }}

        ) as ordered

        where ordered.is_current

    ) as followed
    {%- if source_name %}

    where followed.source = '{{ source_name }}'
    {%- endif %}
{%- endmacro %}
