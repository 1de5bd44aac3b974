-- One row per identifier that so many different persons gave that it identifies nobody (id_type, id_key).
{%- set policy = var('policy').identity %}
with

contested as (

    select * from {{ ref('int_identifiers_contested') }}

    where account_count >= {{ policy.placeholder_persons }}

),

spans as (

    select
        spanned.id_type,
        spanned.id_key,
        spanned.account_key,
        contested.account_count

    from {{ ref('int_identifiers_spanned') }} as spanned

    inner join contested
        on
            spanned.id_type = contested.id_type
            and spanned.id_key = contested.id_key

),

accounts as (

    select * from {{ ref('int_accounts_described') }}

    where {{ is_among('account_key', 'spans') }}

),

usual as (

    select * from {{ ref('int_identifier_types_measured') }}

),

-- Who differs in an attribute is another person: there are at least so many of them.
counted as (

    select
        spans.id_type,
        spans.id_key,
        max(spans.account_count) as account_count,
        greatest(
            count(distinct accounts.given_name_key),
            count(distinct accounts.birth_date_key),
            count(distinct accounts.birth_year)
        ) as person_count

    from spans

    inner join accounts
        on spans.account_key = accounts.account_key

    group by spans.id_type, spans.id_key

),

final as (

    select
        counted.id_type,
        counted.id_key,
        counted.account_count,
        counted.person_count,
        coalesce(usual.usual_account_count, 1) as usual_account_count

    from counted

    left join usual
        on counted.id_type = usual.id_type

    where
        counted.person_count >= {{ policy.placeholder_persons }}
        and counted.person_count >= {{ policy.placeholder_multiple }} * coalesce(usual.usual_account_count, 1)

)

select * from final
