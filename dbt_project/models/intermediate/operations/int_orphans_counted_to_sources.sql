-- One row per source with facts that belong to no customer, counted by why (source).
{%- set facts = [
    ('transactions', 'int_transactions_summarised_to_identifier_months', 'at', 'first_occurred_at', 'facts.transaction_count'),
    (usage_source(), 'int_network_usage_summarised_to_identifier_months', 'day', 'first_usage_date', 'facts.usage_count'),
    ('subscriptions', 'stg_transactions__subscriptions', 'at', 'started_at', '1'),
    ('interactions', 'stg_interactions__interactions', 'at', 'occurred_at', '1'),
    ('survey_invitations', 'stg_survey__invitations', 'at', 'invited_at', '1'),
    ('survey_responses', 'stg_survey__responses', 'at', 'responded_at', '1'),
] %}
with

orphans as (

    {%- for source, model, unit, time, weight in facts %}

    select
        '{{ source }}' as source,
        facts.id_type,
        facts.id_key,
        {{ 'facts.' ~ time if unit == 'at' else 'cast(null as timestamp)' }} as happened_at,
        {{ 'facts.' ~ time if unit == 'day' else 'cast(null as date)' }} as happened_date,
        {{ weight }} as fact_count

    from {{ ref(model) }} as facts

    {{ join_customer('facts', **{unit: 'facts.' ~ time}) }}

    where
        owners.customer_id is null
        {%- if source == 'survey_invitations' %}
        and facts.status <> 'not_sampled'
        {%- endif %}

    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

),

begins as (

    select
        id_type,
        id_key,
        min(coalesce(valid_from_at, {{ beginning_of_time() }})) as first_owned_at,
        min(valid_from_date) as first_owned_date

    from {{ ref('int_identifiers_resolved') }}

    where {{ is_among('id_key', 'orphans') }}

    group by id_type, id_key

),

final as (

    select
        orphans.source,
        {{ whole('sum(orphans.fact_count)') }} as orphan_count,
        {{ whole('sum(case when begins.id_key is null then orphans.fact_count else 0 end)') }} as unknown_count,
        {{ whole(
            'sum(case when orphans.happened_at < begins.first_owned_at'
            ~ ' or orphans.happened_date < begins.first_owned_date then orphans.fact_count else 0 end)'
        ) }} as early_count

    from orphans

    left join begins
        on
            orphans.id_type = begins.id_type
            and orphans.id_key = begins.id_key

    group by orphans.source

)

select * from final
