-- One row per pair of accounts and identifier that both held at one time, judged (account_key, other_account_key, id_type, id_key).
with

spans as (

    select * from {{ ref('int_identifiers_qualified') }}

),

accounts as (

    select * from {{ ref('int_accounts_described') }}

),

-- With linkage on, likeness of the clear text says what differs: a typing error is not another person.
likenesses as (

    {{ of_linkage('int_accounts_compared', {
        'account_key': dbt.type_string(), 'other_account_key': dbt.type_string(),
        'given_name_likeness': dbt.type_string(), 'birth_date_likeness': dbt.type_string(),
    }) }}

),

pairs as (

    select
        lefts.account_key,
        rights.account_key as other_account_key,
        lefts.id_type,
        lefts.id_key,
        lefts.needs_corroboration,
        min(greatest(lefts.links_from_at, rights.links_from_at)) as held_together_from_at

    from spans as lefts

    inner join spans as rights
        on
            lefts.id_type = rights.id_type
            and lefts.id_key = rights.id_key
            and lefts.account_key < rights.account_key
            and greatest(lefts.links_from_at, rights.links_from_at)
            < least(lefts.valid_to_at, rights.valid_to_at)

    group by 1, 2, 3, 4, 5

),

compared as (

    select
        pairs.*,
        {{ likeness_count('same', 'accounts', 'others', 'likenesses') }} as agreement_count,
        {{ likeness_count('unlike', 'accounts', 'others', 'likenesses') }} as contradiction_count,
        accounts.has_attributes or others.has_attributes as has_attributes

    from pairs

    inner join accounts
        on pairs.account_key = accounts.account_key

    inner join accounts as others
        on pairs.other_account_key = others.account_key

    left join likenesses
        on
            pairs.account_key = likenesses.account_key
            and pairs.other_account_key = likenesses.other_account_key

    where {{ happened_by_as_of('pairs.held_together_from_at') }}

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
        needs_corroboration,
        agreement_count,
        contradiction_count,
        verdict = 'linked' as is_linked,
        held_together_from_at

    from judged

)

select * from final
