-- One row per ownership episode of an identifier that has several (id_type, id_key, account_key, valid_from_at).
with

spans as (

    select * from {{ ref('int_identifiers_spanned') }}

),

several as (

    select
        id_type,
        id_key

    from spans

    group by id_type, id_key

    having count(*) > 1

),

final as (

    select
        spans.id_type,
        spans.id_key,
        spans.account_key,
        spans.valid_from_at,
        spans.valid_to_at,
        spans.open_from_at

    from spans

    inner join several
        on
            spans.id_key = several.id_key
            and spans.id_type = several.id_type

)

select * from final
