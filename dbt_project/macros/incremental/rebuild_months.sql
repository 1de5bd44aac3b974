{#- How an incremental model by month is brought up to date, in one place.

    A month is rebuilt whole: its rows are deleted and read again from raw, and no other month's are.
    The months are those of int_months_touched, and those in which an identifier has changed hands
    inside what is now one piece. Arguments: the source, and for models cut into pieces the unit of
    their time (`at` or `date`) and the columns with a piece's first and last. -#}

{#- DuckDB deletes (forget_months) and appends; Spark overwrites the month's partition. -#}
{% macro by_month_strategy() -%}
    {{- return('append' if target.type == 'duckdb' else 'insert_overwrite') -}}
{%- endmacro %}

{#- A table whose rows are brought up to date one by one, where the engine can: it can delete rows. -#}
{% macro by_row_materialization() -%}
    {{- return('incremental' if target.type == 'duckdb' else 'table') -}}
{%- endmacro %}

{#- First days of the months to rebuild as text; none means all there are. -#}
{% macro months_to_rebuild(source_name, unit=none, first=none, last=none) -%}
    {#- While parsing nothing is incremental: said here, so that dbt sees what the model depends on. -#}
    {%- if not execute -%}
        {%- do ref('int_months_touched') -%}
        {%- do ref('int_identifiers_changed') -%}
    {%- endif -%}
    {%- if not execute or not is_incremental() -%} {{- return(none) -}} {%- endif -%}
    {%- set found = run_query(saydo.months_to_rebuild_query(source_name, unit, first, last)) -%}
    {{- return(found.columns[0].values() | map('string') | list) -}}
{%- endmacro %}

{#- The same for whoever looks at those months afterwards; none when all were built. -#}
{% macro touched_months(source_name) -%}
    {%- set touched = ref('int_months_touched') -%}
    {%- if not saydo.has_built() -%} {{- return(none) -}} {%- endif -%}
    {%- set found = run_query(
        "select month_start_date from " ~ touched ~ " where source = '" ~ source_name ~ "' order by 1"
    ) -%}
    {{- return(found.columns[0].values() | map('string') | list) -}}
{%- endmacro %}

{#- A source's files that came since the last build, by batch id, with their months; none means all there are. -#}
{% macro new_batches(source_name) -%}
    {%- set batches = source('state', 'batches') -%}
    {%- if not saydo.has_built() -%} {{- return(none) -}} {%- endif -%}
    {%- set found = run_query(
        "select batches.batch_id, batches.months from " ~ batches ~ " as batches left join "
        ~ saydo.memory_of('int_batches') ~ " as built on batches.batch_id = built.batch_id where batches.source = '"
        ~ source_name ~ "' and batches.status = 'accepted' and built.batch_id is null"
    ) -%}
    {{- return(dict(zip(found.columns[0].values(), found.columns[1].values()))) -}}
{%- endmacro %}

{#- First days of the months of a source's files that came since the last build, as text; none means all
    there are. For staging, which comes before the model that says what was touched. -#}
{% macro delivered_months(source_name) -%}
    {%- set batches = saydo.new_batches(source_name) -%}
    {%- if batches is none -%} {{- return(none) -}} {%- endif -%}
    {%- set months = [] -%}
    {%- for names in batches.values() -%}
        {%- for name in names.split(',') if name and name ~ '-01' not in months -%}
            {%- do months.append(name ~ '-01') -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(months | sort) -}}
{%- endmacro %}

{#- Hook before the rows of the months that files were delivered for are inserted. -#}
{% macro forget_delivered_months(source_name) -%}
    {%- if execute and is_incremental() -%}
        {%- set months = saydo.delivered_months(source_name) -%}
        {%- if target.type == 'duckdb' -%}
        delete from {{ this }} where {{ saydo.is_in_raw_months(months) }}
        {%- else -%}
        {{ saydo.tell_rebuilt_months('_month', months | map('truncate', 7, true, '', 0) | list) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- Predicate: what a test of staging looks at. The as-of day; or what was delivered; or every row. -#}
{% macro is_looked_at(source_name, sampled_day) -%}
    {%- if sampled_day -%} {{ sampled_day }} = {{ saydo.as_of_date() }}
    {%- elif source_name -%} {{ saydo.is_in_raw_months(saydo.delivered_months(source_name)) }}
    {%- else -%} true
    {%- endif -%}
{%- endmacro %}

{% macro months_to_rebuild_query(source_name, unit, first, last) %}
    select month_start_date

    from {{ ref('int_months_touched') }}

    where source = '{{ source_name }}'
    {%- if unit %}

    union

    select known.month_start_date

    from {{ this }} as known

    inner join (
        {#- A build that failed after the last one may have cut months as ownership was then. #}
        {{ saydo.ownership_pieces(unit, of_changed=not var('follows_failure')) }}

    ) as pieces
        on
            known.id_type = pieces.id_type
            and known.id_key = pieces.id_key
            and known.month_start_date = pieces.month_start_date
            and known.{{ first }} < pieces.piece_from
            and known.{{ last }} >= pieces.piece_from
    {%- endif %}

    order by month_start_date
{% endmacro %}

{#- Hook before the rows of the months to rebuild are inserted. -#}
{% macro forget_months(source_name, unit=none, first=none, last=none) -%}
    {%- if execute and is_incremental() -%}
        {%- set months = saydo.months_to_rebuild(source_name, unit, first, last) -%}
        {%- if target.type == 'duckdb' -%}
        delete from {{ this }} where {{ saydo.is_in_months(months) }}
        {%- else -%}
        {{ saydo.tell_rebuilt_months('month_start_date', months) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
