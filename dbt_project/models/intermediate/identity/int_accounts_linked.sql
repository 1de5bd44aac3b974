-- One row per pair of accounts and identifier, judged (account_key, other_account_key, id_type, id_key).
{{ config(materialized='view') }}
with

compared as (

    select * from {{ ref('int_accounts_compared') }}

    where {{ happened_by_as_of('held_together_from_at') }}

),

judged as (

    select
        compared.*,
        case
            -- Exclusive identifiers link, unless all that is known speaks against it.
            when not needs_corroboration and contradiction_count > 0 and agreement_count = 0
                then 'contradicted'
            when not needs_corroboration
                then 'linked'
            when contradiction_count > 0
                then 'contradicted'
            when agreement_count > 0
                then 'linked'
            when not has_attributes and {{ var('policy').identity.link_without_attributes | lower }}
                then 'linked'
            else 'uncorroborated'
        end as verdict

    from compared

),

final as (

    select
        account_key,
        other_account_key,
        id_type,
        id_key,
        verdict,
        agreement_count,
        contradiction_count,
        verdict = 'linked' as is_linked,
        held_together_from_at

    from judged

)

select * from final
