{#- A full refresh of all months in one statement sums hundreds of millions of rows of a large business at a time,
    and spills more than its disk holds. On DuckDB a model by month is made in steps: so many months in each that they
    have fifty million rows at most, and one step where there are no more in all. The model says with `is_in_step`
    where the rows of a step are chosen, and in its meta whose they are: `step_sources`, whose rows are counted by the
    months of raw, or `step_model`, by its own months, whose rows are joined ten wide. -#}
{#- Without parentheses: Spark would take `from … where (true)` for a table that is called `where`. -#}
{% macro is_in_step() -%}
    true /* in this step */
{%- endmacro %}

{#- Predicates, one a step; together they hold of every row, of each in one step. -#}
{% macro steps_of_months() -%}
    {%- set meta = config.get('meta', {}) -%}
    {%- set rows_in_step = var('rows_in_step', 50000000) -%}
    {#- Raw's ledger counts all of history, of which a day reads a month or two: that is one step. -#}
    {%- if meta.get('step_sources') and not is_incremental() -%}
        {{- return(saydo.steps_of_raw(meta['step_sources'], rows_in_step)) -}}
    {%- elif meta.get('step_model') -%}
        {{- return(saydo.steps_of_model(meta['step_model'], (rows_in_step * 0.1) | int)) -}}
    {%- endif -%}
    {{- return(['true']) -}}
{%- endmacro %}

{% macro steps_of_raw(source_names, rows_in_step) -%}
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
    {%- set steps = saydo.months_in_steps(counts, rows_in_step) -%}
    {%- set found = [] -%}
    {%- for names in steps[:-1] -%} {%- do found.append("_month in ('" ~ names | join("', '") ~ "')") -%} {%- endfor -%}
    {#- The last one has whatever no other has. -#}
    {%- do found.append(
        "_month not in ('" ~ steps[:-1] | sum(start=[]) | join("', '") ~ "')" if found else 'true'
    ) -%}
    {{- return(found) -}}
{%- endmacro %}

{#- Ranges, which the engine takes through the joins of month_start_date to each side. -#}
{% macro steps_of_model(model_name, rows_in_step) -%}
    {%- set counts = {} -%}
    {%- for month in run_query(
        "select cast(month_start_date as varchar) as name, count(*) as row_count from " ~ ref(model_name) ~ " group by 1"
    ).rows -%}
        {%- do counts.update({month['name']: month['row_count']}) -%}
    {%- endfor -%}
    {%- set found = [] -%}
    {%- set steps = saydo.months_in_steps(counts, rows_in_step) -%}
    {%- for names in steps -%}
        {%- set bounds = [] -%}
        {%- if not loop.first -%} {%- do bounds.append("month_start_date >= date '" ~ names[0] ~ "'") -%} {%- endif -%}
        {%- if not loop.last -%}
            {%- do bounds.append("month_start_date < date '" ~ steps[loop.index][0] ~ "'") -%}
        {%- endif -%}
        {%- do found.append(bounds | join(' and ') or 'true') -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}

{#- The names of months in order, as many in each list as have so many rows at most. -#}
{% macro months_in_steps(counts, rows_in_step) -%}
    {%- set steps = [[]] -%}
    {%- set size = namespace(rows=0) -%}
    {%- for name in counts | sort -%}
        {%- if steps[-1] and size.rows + counts[name] > rows_in_step -%}
            {%- do steps.append([]) -%}
            {%- set size.rows = 0 -%}
        {%- endif -%}
        {%- do steps[-1].append(name) -%}
        {%- set size.rows = size.rows + counts[name] -%}
    {%- endfor -%}
    {{- return(steps) -}}
{%- endmacro %}
