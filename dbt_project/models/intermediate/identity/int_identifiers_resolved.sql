-- One row per identifier and span of ownership (id_type, id_key, customer_id, valid_from_at).
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_touched('id_key', ref('int_identifiers_touched')) }}",
) }}
with

spans as (

    select * from {{ ref('int_identifiers_owned_by_one') }}

    union all

    select * from {{ ref('int_identifiers_owned_in_turn') }}

),

evidenced as (

    select * from {{ ref('int_identifiers_evidenced') }}

),

final as (

    select
        spans.id_type,
        spans.id_key,
        spans.customer_id,
        coalesce(
            evidenced.evidence,
            case when spans.id_type = 'account_id' then 'anchor' else 'declared' end
        ) as evidence,
        coalesce(evidenced.match_probability, {{ number('1') }}) as match_probability,
        {{ identity_rule_version() }} as rule_version,
        spans.is_shared,
        spans.is_disputed,
        case when spans.valid_from_at > {{ beginning_of_time() }} then spans.valid_from_at end as valid_from_at,
        case when spans.valid_to_at < {{ end_of_time() }} then spans.valid_to_at end as valid_to_at,
        {{ span_from_date('spans.valid_from_at') }} as valid_from_date,
        -- A day on which it changed hands is its last owner's.
        least(
            {{ span_to_date('spans.valid_to_at') }},
            coalesce(spans.next_from_date, {{ end_of_days() }})
        ) as valid_to_date,
        spans.quarantined_until_at

    from spans

    left join evidenced
        on
            spans.id_type = evidenced.id_type
            and spans.id_key = evidenced.id_key
            and spans.customer_id = evidenced.customer_id

)

select * from final
