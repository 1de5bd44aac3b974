-- One row per delivered row of a session that a newer one supersedes (_batch_id, _line_number).
{{ config(materialized=by_row_materialization(), incremental_strategy='append') }}
{%- set batches = new_batches('network_sessions') if is_incremental() else none %}
{%- set is_known = is_delivered('network_sessions') and batches != {} %}
{%- set known = 'false' if not is_known else is_among('delivered.session_id', 'arrived') if batches else 'true' %}
with

{% if batches -%}
arrived as (

    select session_id from {{ source('raw', 'network_sessions') }}

    where batch in ('{{ batches | join("', '") }}')

),

{% endif -%}
superseded as (

    {{ superseded_rows(
        'network_sessions',
        ['session_id'],
        repeated=repeated_keys('network_sessions', ['session_id'], known=known),
        known=known,
        also=['started_at', 'ended_at']
    ) }}

),

final as (

    select
        superseded._batch_id,
        superseded._line_number,
        superseded.started_at,
        superseded.ended_at,
        superseded._newest_batch_id

    from superseded
    {%- if is_incremental() %}

    -- What was superseded stays so, whatever comes.
    left join {{ this }} as known
        on
            superseded._batch_id = known._batch_id
            and superseded._line_number = known._line_number

    where known._batch_id is null
    {%- endif %}

)

select * from final
