-- One row per pair of accounts that hold an identifier in common or are proposed (account_key, other_account_key), with how alike their holders are.
{{ config(enabled=var('policy').linkage.is_on) }}
{{ compared_accounts() }}
