{#- What the last build was made from, kept beside int_customer_months_measured and written in its transaction, so
    that the two cannot tell different stories. The next build compares and rebuilds what differs. -#}

{#- Inputs that are compared whole, with the columns that count: small beside the facts, and free to
    change anywhere in time. -#}
{% macro remembered_models() -%}
    {{- return({
        'int_identifiers_resolved': 'customer_id, id_type, id_key, valid_from_at, valid_to_at, is_shared',
        'int_subscriptions_resolved': '*',
        'int_survey_summarised_to_customer_months': '*',
        'int_interactions_summarised_to_customer_months': '*',
        'int_customers_observed': 'customer_id, first_month_start_date',
        'int_customers_resolved': 'customer_id, first_account_opened_at',
        'int_account_versions_resolved':
            'customer_id, account_key, customer_type, region_code, birth_year, opened_at, updated_at, known_at',
    }) -}}
{%- endmacro %}

{% macro memory_of(model_name) -%}
    {{- return(api.Relation.create(
        database=target.get('database'), schema='intermediate', identifier='built_' ~ model_name.split('_', 1)[1]
    )) -}}
{%- endmacro %}

{#- Rows of a remembered model that differ from the last build, as they are now and as they were. None
    when there is no build to go on from, since then everything is built. -#}
{% macro changed_rows(model_name, columns) -%}
    {%- set compared = saydo.remembered_models()[model_name] -%}
    {%- if saydo.has_built() %}
    select {{ columns }}

    from (

        select {{ compared }} from {{ ref(model_name) }}

        except

        select {{ compared }} from {{ saydo.memory_of(model_name) }}

    ) as here

    union

    select {{ columns }}

    from (

        select {{ compared }} from {{ saydo.memory_of(model_name) }}

        except

        select {{ compared }} from {{ ref(model_name) }}

    ) as gone
    {%- else %}
    select {{ columns }} from {{ ref(model_name) }} where false
    {%- endif %}
{%- endmacro %}

{#- Hook after int_customer_months_measured is written. -#}
{% macro remember_build() -%}
    {{- adapter.dispatch('remember_build', 'saydo')() -}}
{%- endmacro %}

{#- In the transaction that writes the table: all of it or nothing. -#}
{% macro duckdb__remember_build() -%}
    {%- for model_name in ['int_batches'] + saydo.remembered_models() | list %}
    create or replace table {{ saydo.memory_of(model_name) }} as {{ saydo.rows_to_remember(model_name) }}
    ;
    {%- endfor %}
{%- endmacro %}

{#- Without transactions, one by one. The batches go before the others and come after them: without them there is no
    build to go on from. What compares them reads them until then. -#}
{% macro spark__remember_build() -%}
    {%- set batches = saydo.memory_of('int_batches') -%}
    {%- set beside = batches.incorporate(path={'identifier': batches.identifier ~ '__new'}) -%}
    {%- do saydo.remember(beside, saydo.rows_to_remember('int_batches')) -%}
    {%- if execute -%} {%- do run_query('drop table if exists ' ~ batches) -%} {%- endif -%}
    {%- for model_name in saydo.remembered_models() -%}
        {%- do saydo.remember(saydo.memory_of(model_name), saydo.rows_to_remember(model_name)) -%}
    {%- endfor -%}
    {%- if execute -%} {%- do run_query('alter table ' ~ beside ~ ' rename to ' ~ batches) -%} {%- endif -%}
{%- endmacro %}

{% macro remember(memory, rows) -%}
    {%- if execute -%}
        {%- do run_query('drop table if exists ' ~ memory) -%}
        {%- do run_query('create table ' ~ memory ~ ' using parquet as ' ~ rows) -%}
    {%- endif -%}
{%- endmacro %}

{% macro rows_to_remember(model_name) -%}
    {%- if model_name == 'int_batches' %}
    select
        batch_id,
        source,
        {{ saydo.as_of_date() }} as as_of_date

    from {{ ref('int_batches_compared') }}
    {%- else %}
    select {{ saydo.remembered_models()[model_name] }} from {{ ref(model_name) }}
    {%- endif %}
{%- endmacro %}

{#- Whether there is a build to go on from: the customers' months, and what it was made from. -#}
{% macro has_built() -%}
    {%- if not execute or flags.FULL_REFRESH -%} {{- return(false) -}} {%- endif -%}
    {%- set memory = saydo.memory_of('int_batches') -%}
    {{- return(
        adapter.get_relation(memory.database, memory.schema, memory.identifier) is not none
        and adapter.get_relation(target.get('database'), 'intermediate', 'int_customer_months_measured') is not none
    ) -}}
{%- endmacro %}
