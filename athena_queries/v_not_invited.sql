-- name: v_not_invited
-- purpose: Why citizens were not asked; every "no" has a reason and is counted.
-- grain: one row per municipality, month and reason
-- parameters: none; filter by municipality and month
-- owner: reporting
-- requirements: SK-02, SK-11, SK-24
SELECT
    v.municipality,
    v.month,
    v.not_invited_reason,
    count(*) AS contacts
FROM v_contacts_responses AS v
WHERE v.not_invited_reason IS NOT NULL
GROUP BY v.municipality, v.month, v.not_invited_reason
