-- One row per customer and policy version with a subscription: whether one was open at the end of each horizon (customer_id, policy_version).
with

assigned as (

    select * from {{ ref('int_credits_assigned_to_customers') }}

),

subscriptions as (

    select * from {{ ref('int_subscriptions_resolved') }}

),

final as (

    select
        assigned.customer_id,
        {%- for days in recovery_horizons() %}
        max(
            case
                when
                    subscriptions.started_local_at < {{ horizon_ends_at('assigned.decided_date', days) }}
                    and coalesce(
                        subscriptions.ended_local_at >= {{ horizon_ends_at('assigned.decided_date', days) }}, true
                    ) then 1
                else 0
            end
        ) as is_open_{{ days }},
        {%- endfor %}
        assigned.policy_version

    from assigned

    inner join subscriptions
        on assigned.customer_id = subscriptions.customer_id

    group by assigned.customer_id, assigned.policy_version

)

select * from final
