{#- Every row satisfies the SQL expression; an unknown (null) does not. -#}
{% test holds(model, expression) %}

select *

from {{ model }}

where not coalesce({{ expression }}, false)

{% endtest %}
