{#- What stands of accounts, identifiers and subscriptions: of each key the newest row, and when it ended.
    A snapshot lists what is there on its day; what an earlier one of its feed listed and it does not has
    ended on that day, and is kept. -#}

{#- By source: the key of a row; what is listed or absent as one; the column by which the source sets versions
    apart; begin and end; and of what a row with another begin tells the same anew. -#}
{% macro standing_source(source_name) -%}
    {%- set identifier = ['account_key', 'id_type', 'id_key'] -%}
    {{- return({
        'accounts': {
            'keys': ['account_key', 'updated_at'], 'listed': ['account_key'], 'version': 'updated_at',
            'begins': 'opened_at', 'ends': 'closed_at', 'thing': none,
        },
        'account_identifiers': {
            'keys': identifier + ['valid_from_at'], 'listed': identifier + ['valid_from_at'], 'version': none,
            'begins': 'valid_from_at', 'ends': 'valid_to_at', 'thing': identifier,
        },
        'subscriptions': {
            'keys': ['subscription_id', 'started_at'], 'listed': ['subscription_id', 'started_at'],
            'version': 'updated_at',
            'begins': 'started_at', 'ends': 'ended_at', 'thing': ['subscription_id'],
        },
    }[source_name]) -}}
{%- endmacro %}

{#- The batches that count: whether what one lists is known by the as-of date, and from when the next snapshot of
    its feed, if there is one by then, is silent of what is not listed any more. `as_of` is false for who asks
    whenever it was. -#}
{% macro listing_batches(source_name=none, as_of=true) -%}
    select
        followed.batch_id,
        followed.feed,
        followed.source,
        followed.position,
        followed.told_date,
        {{ ('not followed.is_snapshot or ' ~ saydo.day_is_by_as_of('followed.told_date')) if as_of else 'true' }} as is_heard,
        case when {{ saydo.day_is_by_as_of('followed.silent_from_date') if as_of else 'true' }} then followed.silent_position end as silent_position,
        case when {{ saydo.day_is_by_as_of('followed.silent_from_date') if as_of else 'true' }} then followed.silent_from_date end as silent_from_date

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

{#- Where a row lies, as one number: its batch's position, then its line. -#}
{% macro place_of_row() -%}
    batches.position * 1000000000000 + delivered._line_number
{%- endmacro %}

{#- The standing rows, with `stood_to_at`, their end, and `_silent_batch_id`, the snapshot whose silence that is
    (null: they tell it themselves, or have none). `known` is a predicate over `delivered` that leaves out whole
    keys, `rows` a relation of some of the source's rows, to be read instead of all. -#}
{% macro standing_rows(source_name, known='true', rows=none, as_of=true) -%}
    {%- set standing = saydo.standing_source(source_name) -%}
    {%- set columns = (standing['keys'] + [standing.version or standing.begins]) | unique | list -%}
    {%- set begins = 'delivered.' ~ standing.begins -%}
    {%- set ends = 'delivered.' ~ standing.ends -%}
    {%- set is_identifier = source_name == 'account_identifiers' -%}
    with batches as (

        {{ saydo.listing_batches(source_name, as_of) }}

    ),

    -- The one reading of every snapshot, of keys only.
    listings as (

        select
            {{ saydo.of_relation('delivered', columns) }},
            batches.feed,
            max({{ saydo.place_of_row() }}) as place,
            min(batches.position) as first_position,
            max(case when batches.is_heard then batches.position end) as heard_position

        from {{ rows or source('raw', source_name) }} as delivered

        inner join batches
            on delivered.batch = batches.batch_id

        where {{ known }}

        group by
            {{ saydo.of_relation('delivered', columns) }},
            batches.feed

    ),

    places as (

        {{ saydo.newest_places(standing, as_of) }}

    ),

    silences as (

        {{ saydo.silences(standing.listed) }}

    ),

    ended as (

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

        from {{ rows or source('raw', source_name) }} as delivered

        inner join batches
            on delivered.batch = batches.batch_id

        inner join places
            on {{ saydo.place_of_row() }} = places.place

        left join silences
            on {{ saydo.same('delivered', 'silences', standing.listed) }}

        where {{ known }}

    )
    {%- if not standing.thing %}

    select
        ended.*,
        ended._ended_at as stood_to_at

    from ended
    {%- else %},
    {%- if is_identifier %}

    hands as (

        {{ saydo.changes_of_hands() }}

    ),
    {%- endif %}

    anew as (

        select
            _place,
            max(is_covered) as is_covered,
            min(begins_at) as begins_at

        from (

            {{ saydo.told_anew(standing.thing, standing.begins) }}
            {%- if is_identifier %}

            union all

            {{ saydo.handed_over() }}
            {%- endif %}

        ) as told

        group by _place

    )
    {%- if is_identifier %},

    -- An identifier without a begin is theirs once those who had it before have it no longer.
    passed_on as (

        select
            hands._place,
            hands.passed_on_at

        from hands

        inner join ended
            on hands._place = ended._place

        where
            not hands.is_last
            and ended.valid_from_at is null

    )
    {%- endif %}

    select
        ended.*,
        case
            when ended._silent_batch_id is not null and anew.begins_at < ended._ended_at then anew.begins_at
            else ended._ended_at
        end as stood_to_at
        {%- if is_identifier %},
        passed_on.passed_on_at as follows_at
        {%- endif %}

    from ended

    left join anew
        on ended._place = anew._place
    {%- if is_identifier %}

    left join passed_on
        on ended._place = passed_on._place
    {%- endif %}

    where coalesce(anew.is_covered, 0) = 0
    {%- endif %}
{%- endmacro %}

{#- Of `listings`, where the newest row of each key lies, and the last batch that lists it. -#}
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

{#- What every feed that listed it lists no longer: the last snapshot that is silent of it, and since when. -#}
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

{% macro of_relation(relation, columns) -%}
    {%- for column in columns -%}
    {{ relation }}.{{ column }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
