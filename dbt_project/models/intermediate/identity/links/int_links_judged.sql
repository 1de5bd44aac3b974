-- One row per proposed pair of accounts, with its verdict (account_key, other_account_key).
{{ config(enabled=var('policy').linkage.is_on) }}
with

proposed as (

    select * from {{ ref('int_links_proposed') }}

),

components as (

    select * from {{ ref('int_clusters_proposed') }}

),

opposed as (

    select * from {{ ref('int_clusters_opposed') }}

),

judged as (

    select
        proposed.*,
        case
            when proposed.decision = 'accepted' then 'linked'
            when proposed.decision = 'rejected' then 'rejected'
            when proposed.is_sure and opposed.component_key is not null then 'contradicted'
            when proposed.is_sure then 'linked'
            when proposed.is_doubtful then 'doubtful'
            else 'unsure'
        end as verdict

    from proposed

    left join components
        on proposed.cluster_key = components.cluster_key

    left join opposed
        on components.component_key = opposed.component_key

),

final as (

    select
        account_key,
        other_account_key,
        cluster_key,
        other_cluster_key,
        verdict,
        case when decision is null then 'probabilistic' else 'reviewed' end as evidence,
        case
            when decision = 'accepted' then {{ number('1') }}
            else {{ rounded('coalesce(match_probability, 0)', 6, limit=largest_number()) }}
        end as match_probability,
        match_weight,
        model_version,
        verdict = 'linked' as is_linked

    from judged

)

select * from final
