-- One row per identifier and span of ownership (id_type, id_key, customer_id, valid_from_at).
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_touched(['id_key'], ref('int_identifiers_touched')) }}",
) }}
with

spans as (

    select * from {{ ref('int_identifiers_owned_by_one') }}

    union all

    select * from {{ ref('int_identifiers_owned_in_turn') }}

),

final as (

    select
        id_type,
        id_key,
        customer_id,
        case when id_type = 'account_id' then 'anchor' else 'declared' end as evidence,
        {{ number('1') }} as match_probability,
        {{ identity_rule_version() }} as rule_version,
        is_shared,
        is_disputed,
        case when valid_from_at > {{ beginning_of_time() }} then valid_from_at end as valid_from_at,
        case when valid_to_at < {{ end_of_time() }} then valid_to_at end as valid_to_at,
        {{ span_from_date('valid_from_at') }} as valid_from_date,
        -- A day on which it changed hands is its last owner's.
        least({{ span_to_date('valid_to_at') }}, coalesce(next_from_date, {{ end_of_days() }})) as valid_to_date,
        quarantined_until_at

    from spans

)

select * from final
