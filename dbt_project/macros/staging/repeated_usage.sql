{#- Keys of network usage that may have come twice: worked out once beside the model that needs
    them, and part of it, so that staging still reads nothing but sources. -#}
{% macro repeated_usage() -%}
    {{- return(ref('stg_network__usage_repeats')) -}}
{%- endmacro %}
