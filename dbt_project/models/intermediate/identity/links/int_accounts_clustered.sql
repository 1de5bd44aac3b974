-- One row per account that is linked to another (account_key), with the smallest account it is connected to.
select
    account_key as left_key,
    other_account_key as right_key

from {{ ref('int_accounts_linked') }}

where is_linked

group by account_key, other_account_key
