-- One row per file that counts and question that a header row of it words (batch_id, question_code).
with

texts as (

    select * from {{ source('state', 'question_texts') }}

),

final as (

    select
        batch_id,
        sequence,
        question_code,
        question_text

    from texts

)

select * from final
