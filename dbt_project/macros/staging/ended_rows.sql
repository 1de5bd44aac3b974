{#- Steps of standing_rows, whose CTEs these macros read: which row of a key is the newest, and when it
    ended. -#}

{#- Where a row lies, as one number: its batch's position, then its line. -#}
{% macro place_of_row() -%}
    batches.position * 1000000000000 + delivered._line_number
{%- endmacro %}

{#- One row per key and feed that lists it: the place of its last row, and its first and its last batch by the as-of
    date. Only here is every snapshot read, and of it only the keys. -#}
{% macro listings(standing, delivered, known) -%}
    {%- set columns = (standing['keys'] + [standing.version or standing.begins]) | unique | list -%}
    select
        {{ saydo.of_relation('delivered', columns) }},
        batches.feed,
        max({{ saydo.place_of_row() }}) as place,
        min(batches.position) as first_position,
        max(case when batches.is_heard then batches.position end) as heard_position

    from {{ delivered }} as delivered

    inner join batches
        on delivered.batch = batches.batch_id

    where {{ known }}

    group by
        {{ saydo.of_relation('delivered', columns) }},
        batches.feed
{%- endmacro %}

{#- One row per key of `listings`: the place of its newest row, and the first and the last batch that list it. -#}
{% macro newest_places(standing, as_of) -%}
    {%- set keys = saydo.of_relation('listings', standing['keys']) -%}
    {%- set version = 'listings.' ~ standing.version if standing.version else none -%}
    {%- set is_known = version ~ ' is null or ' ~ saydo.happened_by_as_of(version) if version and as_of else 'true' -%}
    select
        place,
        first_position,
        heard_position

    from (

        select
            listings.place,
            min(listings.first_position) over (partition by {{ keys }}) as first_position,
            max(listings.heard_position) over (partition by {{ keys }}) as heard_position,
            row_number() over (
                -- one row per place
                partition by {{ keys }}
                order by
                    case when {{ is_known }} then 0 else 1 end,
                    {%- if version %}
                    {{ version }} desc nulls last,
                    {%- endif %}
                    listings.place desc
            ) as recency,
            {{ is_known }} as is_known

        from listings

    ) as ranked

    where recency = 1 and is_known
{%- endmacro %}

{#- The newest row of each key with its end (`_ended_at`): the end that it has itself, or the day of the first snapshot
    that does not list it, if that is earlier. -#}
{% macro ended_rows(standing, delivered, known) -%}
    {%- set begins = 'delivered.' ~ standing.begins -%}
    {%- set ends = 'delivered.' ~ standing.ends -%}
    select
        delivered.*,
        places.place as _place,
        places.first_position as _first_position,
        places.heard_position as _heard_position,
        silences.told_at is not null as _is_silenced,
        case
            when silences.told_at is null or {{ ends }} <= silences.told_at then {{ ends }}
            when silences.told_at < {{ begins }} then {{ begins }}
            else silences.told_at
        end as _ended_at,
        case
            when silences.told_at is null or {{ ends }} <= silences.told_at then null
            else silences.batch_id
        end as _silent_batch_id

    from {{ delivered }} as delivered

    inner join batches
        on delivered.batch = batches.batch_id

    inner join places
        on {{ saydo.place_of_row() }} = places.place

    left join silences
        on {{ saydo.same('delivered', 'silences', standing.listed) }}

    where {{ known }}
{%- endmacro %}
