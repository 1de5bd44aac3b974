-- One row per identifier with more than one ownership episode (id_type, id_key).
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_touched('id_key', ref('stg_identity__identifiers_touched')) }}",
) }}
with

spans as (

    select * from {{ touched_or_all(ref('int_spans_touched'), ref('int_identifiers_spanned')) }}

),

identifier_types as (

    select * from {{ ref('stg_identity__identifier_types') }}

),

-- An account's own id is another's, too, only where that other says so.
claimed as (

    select id_key
    from spans

    where id_type = 'account_id' and id_key <> account_key

    group by id_key

),

episodes as (

    select
        id_type,
        id_key,
        account_key
    from spans

    where id_type <> 'account_id'

    union all

    select
        id_type,
        id_key,
        account_key
    from spans

    where
        id_type = 'account_id'
        and id_key in (select claimed.id_key from claimed)

),

several as (

    select
        id_type,
        id_key

    from episodes

    group by id_type, id_key

    having count(*) > 1

),

contested as (

    select
        episodes.id_type,
        episodes.id_key,
        count(distinct episodes.account_key) as account_count

    from episodes

    inner join several
        on
            episodes.id_key = several.id_key
            and episodes.id_type = several.id_type

    group by episodes.id_type, episodes.id_key

),

final as (

    select
        contested.id_type,
        contested.id_key,
        contested.account_count,
        coalesce(identifier_types.can_be_shared, true) as can_be_shared,
        coalesce(identifier_types.is_shareable, true) as needs_corroboration,
        coalesce(identifier_types.max_customers, 1) as max_customers,
        coalesce(identifier_types.quarantine_days, 0) as quarantine_days

    from contested

    left join identifier_types
        on contested.id_type = identifier_types.id_type

)

select * from final
