-- One question of one invitation has one answer.
{{ config(severity='warn') }}
select
    invitation_id,
    question_code

from {{ ref('int_survey_responses_resolved') }}

where
    invitation_id is not null
    and score is not null

group by
    invitation_id,
    question_code

having count(*) > 1
