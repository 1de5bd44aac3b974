-- One row per identifier value whose owners may differ from the last build's (id_key).
with

final as (

    select id_key
    from {{ ref('stg_identity__identifiers_touched') }}

    union

    select spans.id_key

    from {{ ref('int_identifiers_spanned') }} as spans

    inner join {{ ref('int_accounts_touched') }} as accounts
        on spans.account_key = accounts.account_key

)

select * from final
