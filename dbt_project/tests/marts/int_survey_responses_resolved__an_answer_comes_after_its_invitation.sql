-- What was said before the invitation was sent is no answer to it.
{{ config(severity='warn') }}
select
    responses.response_id,
    responses.question_code

from {{ ref('int_survey_responses_resolved') }} as responses

inner join {{ ref('int_survey_invitations_resolved') }} as invitations
    on responses.invitation_id = invitations.invitation_id

where responses.responded_at < invitations.invited_at
