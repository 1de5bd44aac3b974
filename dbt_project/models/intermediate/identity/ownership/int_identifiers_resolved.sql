-- One row per identifier, customer that owns it, and span of ownership (id_type, id_key, customer_id, valid_from_at).
with

spans as (

    select * from {{ ref('int_identifiers_spanned') }}

),

counted as (

    select * from {{ ref('int_identifiers_counted') }}

),

contested as (

    select * from {{ ref('int_identifiers_reassigned') }}

),

accounts as (

    select * from {{ ref('int_accounts_resolved') }}

),

evidenced as (

    {{ of_linkage('int_identifiers_evidenced', {
        'id_type': dbt.type_string(),
        'id_key': dbt.type_string(),
        'customer_id': dbt.type_string(),
        'evidence': dbt.type_string(),
        'match_probability': 'decimal(18, 6)',
    }) }}

),

alone as (

    select
        spans.id_type,
        spans.id_key,
        accounts.customer_id,
        false as is_shared,
        false as is_disputed,
        -- No other account had it before, so the ownership may reach back to before any delivered begin.
        spans.open_from_at as valid_from_at,
        spans.valid_to_at,
        cast(null as date) as next_from_date,
        cast(null as timestamp) as quarantined_until_at

    from spans

    inner join accounts
        on spans.account_key = accounts.account_key

    left join counted
        on
            spans.id_key = counted.id_key
            and spans.id_type = counted.id_type

    where counted.id_key is null

),

united as (

    select * from contested

    union all

    select * from alone

),

final as (

    select
        united.id_type,
        united.id_key,
        united.customer_id,
        coalesce(
            evidenced.evidence,
            case when united.id_type = 'account_id' then 'anchor' else 'declared' end
        ) as evidence,
        coalesce(evidenced.match_probability, {{ number('1') }}) as match_probability,
        {{ identity_rule_version() }} as rule_version,
        united.is_shared,
        united.is_disputed,
        case when united.valid_from_at > {{ beginning_of_time() }} then united.valid_from_at end as valid_from_at,
        case when united.valid_to_at < {{ end_of_time() }} then united.valid_to_at end as valid_to_at,
        {{ span_from_date('united.valid_from_at') }} as valid_from_date,
        -- A day on which it changed hands is its last owner's.
        least(
            {{ span_to_date('united.valid_to_at') }},
            coalesce(united.next_from_date, {{ end_of_days() }})
        ) as valid_to_date,
        united.quarantined_until_at

    from united

    left join evidenced
        on
            united.id_type = evidenced.id_type
            and united.id_key = evidenced.id_key
            and united.customer_id = evidenced.customer_id

)

select * from final
