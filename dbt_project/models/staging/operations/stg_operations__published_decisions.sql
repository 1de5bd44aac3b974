-- One row per line of the decision log that the last release published (decision_id).
with

published_decisions as (

    select * from {{ source('state', 'published_decisions') }}

),

final as (

    select
        decision_id,
        decision_type,
        code,
        owner,
        evidence,
        expected_effect,
        unit,
        verdict,
        version,
        subject_count,
        measured_effect,
        ci_low,
        ci_high,
        decided_at

    from published_decisions

)

select * from final
