{#- Every row satisfies the SQL expression; an unknown (null) does not. On a column or on a model. -#}
{% test holds(model, expression, column_name=none) %}

select *

from {{ model }}

where not coalesce({{ expression }}, false)

{% endtest %}
