-- One row per answer to one question (response_id, question_code).
{%- set points_of_ten = quotient('10 * points_above_lowest', 'scale_width') %}
with

questions as (

    select * from {{ source('configuration', 'questions') }}

),

newest as (

    {{ newest_rows('survey_responses', ['response_id', 'question_code']) }}

),

kept as (

    {{ without_erased('newest', at='responded_at') }}

),

placed as (

    select
        kept.*,
        questions.role,
        {{ exact_number('kept.score') }} - coalesce(kept.scale_min, 0) as points_above_lowest,
        {{ exact_number('coalesce(kept.scale_max, 10)') }} - coalesce(kept.scale_min, 0) as scale_width

    from kept

    left join questions
        on kept.question_code = questions.question_code

),

final as (

    select
        response_id,
        invitation_id,
        survey_code,
        wave_date,
        id_type,
        id_key,
        responded_at,
        question_code,
        coalesce(role, 'other') as question_role,
        score as stated_score,
        {{ rounded(
            'case when is_reversed then 10 - ' ~ points_of_ten ~ ' else ' ~ points_of_ten ~ ' end',
            6,
            limit=largest_number()
        ) }} as score,
        scale_min,
        scale_max,
        coalesce(is_reversed, false) as is_reversed,
        answer_text,
        design_weight,
        _batch_id,
        _feed

    from placed

    where {{ happened_by_as_of('responded_at') }}

)

select * from final
