-- One row per invitation to a survey (invitation_id).
with

newest as (

    {{ newest_rows('survey_invitations', ['invitation_id']) }}

),

kept as (

    {{ without_erased('newest', at='invited_at') }}

),

final as (

    select
        invitation_id,
        survey_code,
        wave_date,
        id_type,
        id_key,
        invited_at,
        status,
        design_weight,
        _batch_id,
        _feed

    from kept

    where {{ happened_by_as_of('invited_at') }}

)

select * from final
