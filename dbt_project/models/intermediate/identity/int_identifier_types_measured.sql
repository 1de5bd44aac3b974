-- One row per kind of identifier that may have placeholders (id_type), with what is usual for it.
{{ config(post_hook="{{ forget_other_usual() }}") }}
with

spans as (

    select * from {{ ref('int_identifiers_spanned') }}

),

contested as (

    select * from {{ ref('int_identifiers_contested') }}

),

-- Without an identifier of so many accounts there is no placeholder.
crowded as (

    select id_type

    from contested

    where account_count >= {{ var('policy').identity.placeholder_persons }}

    group by id_type

),

valued as (

    select
        id_type,
        count(distinct id_key) as value_count

    from spans

    where id_type in (select crowded.id_type from crowded)

    group by id_type

),

-- Identifiers of a type by the accounts that ever held them; those of one account come first.
ranked as (

    select
        contested.id_type,
        contested.account_count,
        valued.value_count,
        valued.value_count
        - count(*) over (partition by contested.id_type)
        + row_number() over (
            -- one row per id_type, id_key
            partition by contested.id_type
            order by contested.account_count, contested.id_key
        ) as position_in_type

    from contested

    inner join valued
        on contested.id_type = valued.id_type

),

-- The median: how many accounts its identifiers usually have. One, where no row is here.
final as (

    select
        id_type,
        account_count as usual_account_count

    from ranked

    where position_in_type * 2 = value_count or position_in_type * 2 = value_count + 1

)

select * from final
