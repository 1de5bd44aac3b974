{#- The rows of accounts, identifiers and subscriptions that stand: of each key the newest row, with its end.
    A snapshot lists what there is on its day. What an earlier snapshot of its feed listed and this one does not has
    ended on that day; its row is kept, with that end. -#}

{#- The columns of a source that standing_rows works with. `keys`: the key of a row. `listed`: what a snapshot lists or
    leaves out as one thing. `version`: by which the source tells versions apart. `begins`, `ends`: the row's span.
    `thing`: rows that agree in these and differ in their begin may be corrections of each other; none if there are no
    such. -#}
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

{#- The standing rows, with `stood_to_at`, their end, and `_silent_batch_id`, the snapshot that ended them by not listing
    them (null where the row itself says when it ended, or it has not ended). `known` is a predicate over `delivered`
    that leaves out whole keys, and reads no CTE of the model. -#}
{% macro standing_rows(source_name, known='true', as_of=true) -%}
    {%- set standing = saydo.standing_source(source_name) -%}
    with ended as (

        {{ saydo.step('ended', saydo.steps_to_ended(source_name, known, as_of)) }}

    )
    {%- if source_name == 'accounts' %}

    select
        ended.*,
        ended._ended_at as stood_to_at

    from ended
    {%- elif source_name == 'subscriptions' %},

    anew as (

        {{ saydo.told_anew(standing.thing, standing.begins) }}

    )

    {{ saydo.unless_told_anew() }}
    {%- else %},

    hands as (

        {{ saydo.changes_of_hands() }}

    ),

    anew as (

        {{ saydo.told_anew(standing.thing, standing.begins) }}

        union all

        {{ saydo.handed_over() }}

    ),

    standing as (

        {{ saydo.unless_told_anew() }}

    )

    -- An identifier without a begin is theirs once those who had it before have it no longer.
    select
        standing.*,
        case when standing.valid_from_at is null then hands.passed_on_at end as follows_at

    from standing

    left join hands
        on
            standing._place = hands._place
            and not hands.is_last
    {%- endif %}
{%- endmacro %}

{% macro steps_to_ended(source_name, known, as_of) -%}
    {%- set standing = saydo.standing_source(source_name) -%}
    {%- set delivered = source('raw', source_name) -%}
    with batches as (

        {{ saydo.listing_batches(source_name, as_of) }}

    ),

    listings as (

        {{ saydo.listings(standing, delivered, known) }}

    ),

    places as (

        {{ saydo.newest_places(standing, as_of) }}

    ),

    silences as (

        {{ saydo.silences(standing.listed) }}

    )

    {{ saydo.ended_rows(standing, delivered, known) }}
{%- endmacro %}
