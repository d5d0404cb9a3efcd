-- name: v_contact_paths
-- purpose: The ways that contacts take: by which channel they come in, and which department has them.
-- grain: one row per municipality, month, channel and department (empty: none is noted)
-- parameters: none; filter by municipality and month
-- owner: reporting
-- requirements: GE-10, GE-25
SELECT
    v.municipality,
    v.month,
    v.channel,
    coalesce(v.department, '') AS department,
    count(*) AS contacts
FROM v_contacts_responses AS v
GROUP BY v.municipality, v.month, v.channel, coalesce(v.department, '')
