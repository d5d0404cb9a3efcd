-- name: v_booked_times
-- purpose: How punctually booked citizens were called, and how far ahead they had booked.
-- grain: one row per municipality, month, measure (delay: whole minutes; lead: whole days of 24 hours) and its value
-- parameters: none; filter by municipality and month
-- owner: reporting
-- requirements: SK-25, FR-05, FR-06
SELECT
    g.municipality,
    g.month,
    CAST(g.measure AS varchar) AS measure,
    g.measured,
    count(*) AS contacts
FROM (
    SELECT
        v.municipality,
        v.month,
        d.measure,
        CASE d.measure
            WHEN 'delay' THEN CAST(floor(CAST(v.delay_seconds AS double) / 60e0) AS integer)
            WHEN 'lead' THEN CAST(floor(CAST(v.lead_seconds AS double) / 86400e0) AS integer)
        END AS measured
    FROM v_contacts_responses AS v
    CROSS JOIN (VALUES ('delay'), ('lead')) AS d (measure)
) AS g
WHERE g.measured IS NOT NULL
GROUP BY g.municipality, g.month, g.measure, g.measured
