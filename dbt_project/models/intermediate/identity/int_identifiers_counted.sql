-- One row per identifier with more than one ownership episode (id_type, id_key), with how many held it at one time.
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_touched('id_key', ref('stg_identity__identifiers_touched')) }}",
) }}
with

contested as (

    select * from {{ ref('int_identifiers_contested') }}

    where {{ is_touched('id_key', ref('stg_identity__identifiers_touched')) }}

),

placeholders as (

    select * from {{ ref('int_placeholders_learnt') }}

),

-- Only values with more accounts than they may have persons can be over the limit.
suspected as (

    select spans.*

    from {{ touched_or_all(ref('int_spans_touched'), ref('int_identifiers_spanned')) }} as spans

    inner join contested
        on
            spans.id_type = contested.id_type
            and spans.id_key = contested.id_key

    where contested.account_count > contested.max_customers

),

accounts as (

    select * from {{ ref('int_accounts_described') }}

    where {{ is_touched('account_key', 'suspected') }}

),

crowded as (

    select
        suspected.*,
        accounts.person_key

    from suspected

    inner join accounts
        on suspected.account_key = accounts.account_key

),

persons as (

    {{ merge_spans('crowded', ['id_type', 'id_key', 'person_key']) }}

),

person_peaks as (

    {{ peak_count('persons', ['id_type', 'id_key']) }}

),

account_peaks as (

    {{ peak_count('crowded', ['id_type', 'id_key']) }}

),

final as (

    select
        contested.id_type,
        contested.id_key,
        contested.account_count,
        coalesce(account_peaks.peak_count, contested.account_count) as peak_account_count,
        coalesce(person_peaks.peak_count, contested.account_count) as peak_person_count,
        contested.quarantine_days,
        contested.can_be_shared,
        contested.needs_corroboration,
        placeholders.id_key is not null as is_placeholder,
        -- No person holds so many accounts: beyond the limit a value identifies nobody.
        placeholders.id_key is not null
        or coalesce(
            (contested.can_be_shared and person_peaks.peak_count > contested.max_customers)
            or account_peaks.peak_count > {{ var('policy').identity.max_component_accounts }},
            false
        ) as is_over_limit

    from contested

    left join person_peaks
        on
            contested.id_type = person_peaks.id_type
            and contested.id_key = person_peaks.id_key

    left join account_peaks
        on
            contested.id_type = account_peaks.id_type
            and contested.id_key = account_peaks.id_key

    left join placeholders
        on
            contested.id_type = placeholders.id_type
            and contested.id_key = placeholders.id_key

)

select * from final
