-- Where anybody answered there are answers enough to predict what the others would say.
{{ config(severity='warn') }}
select
    model_version,
    answer_count

from {{ ref('satisfaction_drivers') }}

where
    is_intercept
    and answer_count > 0
    and points is null
