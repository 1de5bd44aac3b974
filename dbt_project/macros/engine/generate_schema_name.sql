{#- Schemas are named exactly as the folder says; no target prefix, so that BI and the gates find
    `marts` under the same name on every machine. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{- (custom_schema_name or target.schema) | trim -}}
{%- endmacro %}
