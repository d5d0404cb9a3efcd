-- name: v_waiting_histogram
-- purpose: How long citizens waited from check-in to call, by whole minutes begun and ended.
-- grain: one row per municipality, month, office and minute
-- parameters: none; filter by municipality and month
-- owner: reporting
-- requirements: SK-06, BF-04
SELECT
    v.municipality,
    v.month,
    v.office,
    CAST(floor(CAST(v.waiting_seconds AS double) / 60e0) AS integer) AS minute,
    count(*) AS contacts
FROM v_contacts_responses AS v
WHERE v.waiting_seconds IS NOT NULL
GROUP BY v.municipality, v.month, v.office, CAST(floor(CAST(v.waiting_seconds AS double) / 60e0) AS integer)
