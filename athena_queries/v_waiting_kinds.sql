-- name: v_waiting_kinds
-- purpose: How many waited, and how many under ten minutes, by where waiting was measured from and whether in an outage.
-- grain: one row per municipality, month, moment that waiting is measured from (empty: unknown) and outage or not
-- parameters: none; filter by municipality and month
-- owner: reporting
-- requirements: BF-03, BF-14, GL-64
SELECT
    v.municipality,
    v.month,
    coalesce(v.waiting_from, '') AS waiting_from,
    coalesce(v.outage, 'no') AS outage,
    count(*) AS contacts,
    count_if(v.waiting_seconds < 600) AS soon
FROM v_contacts_responses AS v
WHERE v.waiting_seconds IS NOT NULL
GROUP BY v.municipality, v.month, coalesce(v.waiting_from, ''), coalesce(v.outage, 'no')
