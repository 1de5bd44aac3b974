{#- One row per combination of these columns; nulls compare as equal. With `delivered` (a source) only
    the months of newly delivered files are looked at, unless all is built; with `sampled_day` (a
    column) only the as-of day, for a table too large to be read whole for a test. -#}
{% test unique_combination(model, columns, delivered=none, sampled_day=none) %}

select
    {{ columns | join(', ') }},
    count(*) as row_count

from {{ model }}

where {{ is_looked_at(delivered, sampled_day) }}

group by {{ columns | join(', ') }}

having count(*) > 1

{% endtest %}
