{#- How identity is brought up to date, in one place: what was delivered since the last build touches
    accounts, these touch the identifiers they ever had, these their other holders, and these everybody
    they are one person with. Rows of what is touched are deleted and made again, no others. The sets
    come from raw and from ties that did not change, so a build after one that failed finds them again. -#}

{#- Raw rows of a source whose batch has come, or counts no longer, or of which another snapshot is silent, or one
    of whose instants has come up, since the last build: their accounts. Batches are literals, so that engines skip the other files. -#}
{% macro newly_delivered_accounts(source_name, instants) -%}
    select delivered.account_key

    from {{ source('raw', source_name) }} as delivered

    where {{ saydo.is_in_batches(saydo.changed_batches(source_name)) }}
    {%- for instant in instants %}

    union all

    select delivered.account_key

    from {{ source('raw', source_name) }} as delivered

    where {{ saydo.has_come_up('delivered.' ~ instant) }}
    {%- endfor %}
{%- endmacro %}

{% macro changed_batches(source_name) -%}
    {%- if not saydo.has_built() -%} {{- return([]) -}} {%- endif -%}
    {%- set columns = 'batch_id, silent_from_date, is_heard' -%}
    {%- set built -%}
    select {{ columns }} from {{ saydo.memory_of('int_batches') }} where source = '{{ source_name }}'
    {%- endset -%}
    {%- set current -%}
    select {{ columns }} from ({{ saydo.listing_batches(source_name) }}) as current_batches
    {%- endset -%}
    {%- set found = run_query(
        "select batch_id from ((" ~ current ~ " except " ~ built ~ ") union (" ~ built ~ " except " ~ current ~ ")) as changed"
    ) -%}
    {{- return(found.columns[0].values() | list) -}}
{%- endmacro %}

{% macro is_in_batches(batches) -%}
    {%- if batches | length == 0 -%} false
    {%- else -%}
    delivered.batch in ({% for batch in batches %}'{{ batch }}'{{ ', ' if not loop.last }}{% endfor %})
    {%- endif -%}
{%- endmacro %}

{#- Begin of the last build's as-of day: not after its end in any zone. -#}
{% macro built_as_of_day() -%}
    (select cast(min(built.as_of_date) as timestamp) from {{ saydo.memory_of('int_batches') }} as built)
{%- endmacro %}

{#- Accounts that are hidden as erased now and were not at the last build, or the other way round. -#}
{% macro erased_anew() -%}
    {%- set now = ref('stg_identity__erased_accounts') -%}
    {%- if not saydo.has_built() -%}
    select account_key from {{ now }} where false
    {%- else -%}
    {%- set before = saydo.memory_of('stg_identity__erased_accounts') -%}
    {%- for here, gone in [(now, before), (before, now)] %}
    {{ 'union all' if not loop.first }}

    select account_key
    from {{ here }}

    where
        account_key is not null
        and account_key not in (select others.account_key from {{ gone }} as others where others.account_key is not null)
    {%- endfor %}
    {%- endif -%}
{%- endmacro %}

{#- Whether identity goes on from the last build. Not when what decides about every value is another:
    what is usual for a kind of identifier (`forget_other_usual`), or what linkage proposes; nor after a
    build that failed, which may have decided with another; nor where identifiers come as snapshots: who has
    one next depends on all who had it. -#}
{% macro identity_goes_on() -%}
    {{- return(
        saydo.has_built()
        and not var('policy').linkage.is_on
        and not var('follows_failure')
        and saydo.remembered_usual() is not none
        and not saydo.has_identifier_snapshots()
    ) -}}
{%- endmacro %}

{% macro has_identifier_snapshots() -%}
    {%- set found = run_query(
        "select 1 from " ~ source('state', 'batches') ~ " where source = 'account_identifiers' "
        ~ "and delivery = 'snapshot' and absent = 'ended' and status = 'accepted'"
    ) -%}
    {{- return(found.rows | length > 0) -}}
{%- endmacro %}

{% macro remembered_usual() -%}
    {%- set memory = saydo.memory_of('int_identifier_types_measured') -%}
    {{- return(adapter.get_relation(memory.database, memory.schema, memory.identifier)) -}}
{%- endmacro %}

{#- Hook after the usual is measured: when the last build decided with another, that is forgotten, and
    from here on identity does not go on from it. -#}
{% macro forget_other_usual() -%}
    {%- if saydo.identity_goes_on() -%}
        {%- set before = saydo.remembered_usual() -%}
        {%- set found = run_query(
            "(select * from " ~ this ~ " except select * from " ~ before ~ ") union all "
            ~ "(select * from " ~ before ~ " except select * from " ~ this ~ ")"
        ) -%}
        {%- if found.rows | length > 0 -%} {%- do adapter.drop_relation(before) -%} {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- Predicate: the column names something that is touched, under the same name or as `key`. All rows when
    there is nothing to go on from. -#}
{% macro is_touched(column, touched, key=none) -%}
    {%- if not saydo.identity_goes_on() -%} true
    {%- else -%} {{ saydo.is_among(column, touched, key) }}
    {%- endif -%}
{%- endmacro %}

{#- Predicate: the column is one of the keys of a small relation, which has it under the same name or as `key`.
    That the keys are compared with something else, too, lets DuckDB hand a filter of them to the scan, which
    then reads the other columns of few rows. -#}
{% macro is_among(column, relation, key=none) -%}
    {%- set key = 'among.' ~ (key or column).split('.')[-1] -%}
    {{ column }} in (select {{ key }} from {{ relation }} as among where {{ key }} >= '')
{%- endmacro %}

{#- The relation of what is touched, looked for once; that of everything when there is nothing to go on from. -#}
{% macro touched_or_all(touched, all) -%}
    {{- return(touched if saydo.identity_goes_on() else all) -}}
{%- endmacro %}

{#- The registry of the last release, of the touched accounts and who shares a customer_id with them. -#}
{% macro touched_registry() -%}
    {{- return(saydo.touched_or_all(ref('int_accounts_registered'), source('state', 'registry'))) -}}
{%- endmacro %}

{#- Hook before the rows of what is touched are inserted. -#}
{% macro forget_touched(column, touched, key=none) -%}
    {%- if execute and is_incremental() -%}
        delete from {{ this }} where {{ saydo.is_touched(column, touched, key) }}
    {%- endif -%}
{%- endmacro %}

{#- Components as they stand before this build. Ties that did not change are in them, whether or not a
    build that failed has changed others since. -#}
{% macro standing_components() -%}
    {%- if not saydo.has_built() -%}
    select
        account_key,
        account_key as component_key

    from {{ ref('int_accounts_compared') }}

    where false
    {%- else -%}
    select
        account_key,
        component_key

    from {{ api.Relation.create(
        database=target.database, schema='intermediate', identifier='int_accounts_clustered'
    ) }}
    {%- endif -%}
{%- endmacro %}

{#- Accounts of a relation, and all of their components. -#}
{% macro with_components(accounts) -%}
    select account_key
    from {{ accounts }}

    union

    select members.account_key
    from components as members

    inner join (

        select components.component_key

        from components

        inner join {{ accounts }} as reached
            on components.account_key = reached.account_key

        group by components.component_key

    ) as reached_components
        on members.component_key = reached_components.component_key
{%- endmacro %}

{#- Predicate: the instant lies between the last build's as-of day and the end of this one's. -#}
{% macro has_come_up(instant) -%}
    {%- if not saydo.has_built() -%} false
    {%- else -%} ({{ instant }} >= {{ saydo.built_as_of_day() }} and {{ saydo.happened_by_as_of(instant) }})
    {%- endif -%}
{%- endmacro %}

{#- Hook: customers all of whose accounts are another's now. -#}
{% macro forget_customers_without_accounts() -%}
    {%- set accounts = ref('int_accounts_identified') -%}
    {%- set touched = ref('int_accounts_registered') -%}
    {%- set concerned = saydo.may_differ_from_release('customer_id', touched) -%}
    {%- set concerned_accounts = saydo.may_differ_from_release('accounts.customer_id', touched) -%}
    {%- if execute and is_incremental() -%}
        delete from {{ this }}
        where
            {{ concerned }}
            and customer_id not in (
                select accounts.customer_id
                from {{ accounts }} as accounts
                where {{ concerned_accounts }}
            )
    {%- endif -%}
{%- endmacro %}

{#- Predicate: the account may have another customer than at the last release. All may, unless that
    release is what the last build became: then only those that were touched since; `touched` is a relation
    that has them by another key. -#}
{% macro may_differ_from_release(column, touched=none) -%}
    {%- set touched = touched or ref('int_accounts_touched') -%}
    {%- if not var('follows_release') -%} true
    {%- else -%} {{ saydo.is_touched(column, touched) }}
    {%- endif -%}
{%- endmacro %}

{#- The registry of those. -#}
{% macro registry_that_may_differ() -%}
    {%- set touched = saydo.touched_registry() -%}
    {%- set all = source('state', 'registry') -%}
    {{- return(touched if var('follows_release') else all) -}}
{%- endmacro %}

{#- Hook before the rows of those are inserted. -#}
{% macro forget_what_may_differ_from_release(column) -%}
    {%- set predicate = saydo.may_differ_from_release(column) -%}
    {%- if execute and is_incremental() -%}
        delete from {{ this }} where {{ predicate }}
    {%- endif -%}
{%- endmacro %}
