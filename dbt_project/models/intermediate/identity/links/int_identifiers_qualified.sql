-- One row per ownership episode of an identifier that may link accounts (id_type, id_key, account_key, valid_from_at).
with

spans as (

    select * from {{ ref('int_identifiers_contested') }}

),

counted as (

    select * from {{ ref('int_identifiers_counted') }}

),

candidates as (

    select
        spans.*,
        counted.needs_corroboration,
        counted.quarantine_days

    from spans

    inner join counted
        on
            spans.id_key = counted.id_key
            and spans.id_type = counted.id_type

    where
        not counted.is_over_limit
        and counted.account_count > 1

),

-- An identifier that another account had before links no accounts until its quarantine is over.
quarantined as (

    select
        later.id_type,
        later.id_key,
        later.account_key,
        later.valid_from_at,
        {{ dbt.dateadd('day', 'max(later.quarantine_days)', 'later.valid_from_at') }} as links_from_at

    from candidates as later

    inner join candidates as earlier
        on
            later.id_type = earlier.id_type
            and later.id_key = earlier.id_key
            and later.account_key <> earlier.account_key
            and later.valid_from_at >= earlier.valid_to_at

    group by later.id_type, later.id_key, later.account_key, later.valid_from_at

),

final as (

    select
        candidates.id_type,
        candidates.id_key,
        candidates.account_key,
        candidates.needs_corroboration,
        candidates.valid_from_at,
        candidates.valid_to_at,
        coalesce(quarantined.links_from_at, candidates.valid_from_at) as links_from_at

    from candidates

    left join quarantined
        on
            candidates.id_type = quarantined.id_type
            and candidates.id_key = quarantined.id_key
            and candidates.account_key = quarantined.account_key
            and candidates.valid_from_at = quarantined.valid_from_at

)

select * from final
