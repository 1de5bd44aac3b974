-- One row per placeholder: an identifier that so many persons gave that it is none of theirs (id_type, id_key).
{%- set policy = var('policy').identity %}
with

spans as (

    select * from {{ ref('int_identifiers_spanned') }}

),

accounts as (

    select * from {{ ref('int_accounts_described') }}

),

-- A value with fewer episodes than the limit has persons cannot reach it: it need not be counted.
crowded as (

    select
        id_type,
        id_key

    from spans

    group by id_type, id_key

    having count(*) >= {{ policy.placeholder_persons }}

),

-- Holders who differ in an attribute are different persons, so there are at least as many as it has values.
counted as (

    select
        spans.id_type,
        spans.id_key,
        count(distinct spans.account_key) as account_count,
        greatest(
            count(distinct accounts.given_name_key),
            count(distinct accounts.birth_date_key),
            count(distinct accounts.birth_year)
        ) as person_count

    from spans

    inner join crowded
        on
            spans.id_type = crowded.id_type
            and spans.id_key = crowded.id_key

    inner join accounts
        on spans.account_key = accounts.account_key

    group by spans.id_type, spans.id_key

),

suspected as (

    select * from counted
    where person_count >= {{ policy.placeholder_persons }}

),

-- The identifiers of such a type, those of one account first.
ranked as (

    select
        id_type,
        count(distinct account_key) as account_count,
        count(*) over (partition by id_type) as value_count,
        row_number() over (
            -- one row per id_type, id_key
            partition by id_type
            order by count(distinct account_key), id_key
        ) as position_in_type

    from spans

    where id_type in (select suspected.id_type from suspected)

    group by id_type, id_key

),

-- The median: how many accounts its identifiers usually have.
usual as (

    select
        id_type,
        account_count as usual_account_count

    from ranked

    where position_in_type * 2 = value_count or position_in_type * 2 = value_count + 1

),

final as (

    select
        suspected.id_type,
        suspected.id_key,
        suspected.account_count,
        suspected.person_count,
        usual.usual_account_count

    from suspected

    inner join usual
        on suspected.id_type = usual.id_type

    where suspected.person_count >= {{ policy.placeholder_multiple }} * usual.usual_account_count

)

select * from final
