-- One row per customer billed in a foreign currency, month and currency billed in: amounts in that currency.
with

months as (

    select * from {{ ref('int_customer_months_measured') }}

),

foreign_months as (

    select * from {{ ref('int_foreign_prices_summarised_to_customer_months') }}

),

converted as (

    select
        customer_id,
        month_start_date,
        sum(opening_mrr) as opening_mrr,
        sum(closing_mrr) as closing_mrr

    from foreign_months

    group by
        customer_id,
        month_start_date

),

customers as (

    select customer_id

    from foreign_months

    group by customer_id

),

-- What is not foreign is billed in the reporting currency itself.
books as (

    select
        customer_id,
        month_start_date,
        currency_code,
        opening_amount,
        closing_amount

    from foreign_months

    union all

    select
        months.customer_id,
        months.month_start_date,
        '{{ var("reporting_currency") }}' as currency_code,
        {{ price('months.opening_mrr - coalesce(converted.opening_mrr, 0)') }} as opening_amount,
        {{ price('months.closing_mrr - coalesce(converted.closing_mrr, 0)') }} as closing_amount

    from months

    inner join customers
        on months.customer_id = customers.customer_id

    left join converted
        on
            months.customer_id = converted.customer_id
            and months.month_start_date = converted.month_start_date

),

paid as (

    select
        customer_id,
        currency_code,
        min(month_start_date) as first_paid_month_start_date

    from books

    where closing_amount > 0

    group by
        customer_id,
        currency_code

),

final as (

    select
        books.customer_id,
        books.month_start_date,
        books.currency_code,
        books.opening_amount,
        books.closing_amount,
        paid.first_paid_month_start_date

    from books

    left join paid
        on
            books.customer_id = paid.customer_id
            and books.currency_code = paid.currency_code

    where books.opening_amount <> 0 or books.closing_amount <> 0

)

select * from final
