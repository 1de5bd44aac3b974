-- One row per identifier with more than one ownership episode (id_type, id_key), with how many held it at one time.
with

spans as (

    select * from {{ ref('int_identifiers_contested') }}

),

accounts as (

    select * from {{ ref('int_accounts_described') }}

),

identifier_types as (

    select * from {{ ref('stg_identity__identifier_types') }}

),

placeholders as (

    select * from {{ ref('int_placeholders_learnt') }}

),

identifiers as (

    select
        id_type,
        id_key,
        count(distinct account_key) as account_count

    from spans

    group by id_type, id_key

),

limited as (

    select
        identifiers.*,
        coalesce(identifier_types.max_customers, 1) as max_customers,
        coalesce(identifier_types.quarantine_days, 0) as quarantine_days,
        coalesce(identifier_types.can_be_shared, true) as can_be_shared,
        coalesce(identifier_types.is_shareable, true) as needs_corroboration

    from identifiers

    left join identifier_types
        on identifiers.id_type = identifier_types.id_type

),

-- A value that no more accounts ever held than persons may cannot be over the limit: its peaks need not be counted.
crowded as (

    select
        spans.*,
        accounts.person_key

    from spans

    inner join limited
        on
            spans.id_key = limited.id_key
            and spans.id_type = limited.id_type
            and limited.account_count > limited.max_customers

    inner join accounts
        on spans.account_key = accounts.account_key

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
        limited.id_type,
        limited.id_key,
        limited.account_count,
        {{ whole('coalesce(account_peaks.peak_count, limited.account_count)') }} as peak_account_count,
        {{ whole('coalesce(person_peaks.peak_count, limited.account_count)') }} as peak_person_count,
        limited.quarantine_days,
        limited.can_be_shared,
        limited.needs_corroboration,
        placeholders.id_key is not null as is_placeholder,
        -- No person holds so many accounts: beyond the limit a value identifies nobody.
        placeholders.id_key is not null
        or coalesce(
            (limited.can_be_shared and person_peaks.peak_count > limited.max_customers)
            or account_peaks.peak_count > {{ var('policy').identity.max_component_accounts }},
            false
        ) as is_over_limit

    from limited

    left join person_peaks
        on
            limited.id_type = person_peaks.id_type
            and limited.id_key = person_peaks.id_key

    left join account_peaks
        on
            limited.id_type = account_peaks.id_type
            and limited.id_key = account_peaks.id_key

    left join placeholders
        on
            limited.id_type = placeholders.id_type
            and limited.id_key = placeholders.id_key

)

select * from final
