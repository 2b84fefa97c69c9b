-- All currencies, deleted ones too: old orders still name them.
-- reads      PREFIX_currency
-- served by  full scan, the table is small
-- optional   currency.precision, currency.decimals
SELECT
    c.id_currency,
    c.iso_code,
    c.`precision` AS digits,
    c.decimals AS has_decimals
FROM PREFIX_currency AS c
