{#- A full refresh of all months in one statement sums hundreds of millions of rows of a large business at a time,
    and spills more than its disk holds. On DuckDB a model by month is made in steps: so many of raw's months
    in each that they have fifty million rows at most, and one step where there are no more in all. The model says
    with `is_in_step` where the rows of a step are chosen, and with `step_sources` in its meta whose they are. -#}
{% macro is_in_step() -%}
    (true /* in this step */)
{%- endmacro %}

{#- Predicates on `_month`, one a step; together they hold of every row, of each in one step. -#}
{% macro steps_of_months(source_names) -%}
    {%- set loaded = run_query(
        "select source, months, loaded_count from " ~ source('state', 'batches')
        ~ " where status = 'accepted' and months <> '' and source in ('" ~ source_names | join("', '") ~ "')"
    ) -%}
    {%- set counts = {} -%}
    {%- for batch in loaded.rows -%}
        {#- At most: which of its rows are of which month the ledger does not say. -#}
        {%- for name in batch['months'].split(',') -%}
            {%- do counts.update({name: counts.get(name, 0) + batch['loaded_count']}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set steps = [[]] -%}
    {%- set size = namespace(rows=0) -%}
    {%- for name in counts | sort -%}
        {%- if steps[-1] and size.rows + counts[name] > var('rows_in_step', 50000000) -%}
            {%- do steps.append([]) -%}
            {%- set size.rows = 0 -%}
        {%- endif -%}
        {%- do steps[-1].append(name) -%}
        {%- set size.rows = size.rows + counts[name] -%}
    {%- endfor -%}
    {%- set found = [] -%}
    {%- for names in steps[:-1] -%} {%- do found.append("_month in ('" ~ names | join("', '") ~ "')") -%} {%- endfor -%}
    {#- The last one has whatever no other has. -#}
    {%- do found.append(
        "_month not in ('" ~ steps[:-1] | sum(start=[]) | join("', '") ~ "')" if found else 'true'
    ) -%}
    {{- return(found) -}}
{%- endmacro %}
