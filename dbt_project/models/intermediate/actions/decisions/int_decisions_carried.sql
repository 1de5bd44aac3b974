-- One row per bet, arm of an experiment and month of offers that a release of an earlier day logged.
with

decisions as (

    select * from {{ ref('stg_operations__published_decisions') }}

),

-- Credits and audiences are kept as decisions, and told of these.
final as (

    select * from decisions

    where
        decision_type in ('bet', 'experiment_arm', 'recommendation')
        and {{ happened_by_as_of('decided_at') }}

)

select * from final
