-- One row per customer, segment and span in which the segment held the customer, by the releases.
{%- set segments = var('segments') %}
{%- set codes = segments | map(attribute='code') | join("', '") %}
with

profiles as (

    select * from {{ ref('customer_profiles') }}

),

carried as (

    select * from {{ ref('int_segment_spans_carried') }}

),

members as (
    {%- for segment in segments %}

    select
        customer_id,
        '{{ segment.code }}' as segment_code,
        {{ 'true' if segment.consent == 'none' else 'has_' ~ segment.consent ~ '_consent' }} as has_consent

    from profiles

    where {{ segment.predicate }}
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- else %}

    select
        customer_id,
        customer_id as segment_code,
        false as has_consent

    from profiles

    where false
    {%- endfor %}

),

still_open as (

    select * from carried

    where left_at is null

),

as_of_now as (

    select
        coalesce(members.customer_id, still_open.customer_id) as customer_id,
        coalesce(members.segment_code, still_open.segment_code) as segment_code,
        case
            when members.has_consent then 'member'
            when not members.has_consent then 'no_consent'
            when still_open.segment_code in ('{{ codes }}') then 'left'
            else 'segment_removed'
        end as reason,
        members.customer_id is not null as is_current,
        coalesce(still_open.entered_at, {{ as_of_end_at() }}) as entered_at,
        case when members.customer_id is null then {{ as_of_end_at() }} end as left_at

    from members

    full outer join still_open
        on
            members.customer_id = still_open.customer_id
            and members.segment_code = still_open.segment_code

),

final as (

    select * from as_of_now

    union all

    select
        customer_id,
        segment_code,
        reason,
        false as is_current,
        entered_at,
        left_at

    from carried

    where left_at is not null

)

select * from final
