-- Resolve: whoever owns the seed cancel_reasons adds the answer, with its reason and what would be on record.
{{ config(severity='warn') }}
select
    lower(trim(responses.answer_text)) as answer,
    count(*) as answer_count

from {{ ref('int_survey_responses_resolved') }} as responses

left join {{ ref('cancel_reasons') }} as reasons
    on lower(trim(responses.answer_text)) = lower(trim(reasons.answer))

where
    responses.question_role = 'cancel_reason'
    and responses.customer_id <> '{{ unknown_customer_id() }}'
    and trim(responses.answer_text) <> ''
    and reasons.answer is null

group by lower(trim(responses.answer_text))
