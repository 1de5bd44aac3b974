-- One row per change of who is one customer: created, merged, split or reassigned.
with

changes as (

    select * from {{ ref('int_identity_changes_logged') }}

),

final as (

    select
        change_type,
        from_customer_id,
        to_customer_id,
        reason,
        release_id,
        {{ whole('account_count') }} as account_count,
        changed_at

    from changes

)

select * from final
