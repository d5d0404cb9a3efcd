-- name: v_resolution
-- purpose: How many enquiries were solved at the first contact, of those that say so, by channel.
-- grain: one row per municipality, month and channel
-- parameters: none; filter by municipality and month
-- owner: reporting
-- requirements: GE-08, FR-07
SELECT
    v.municipality,
    v.month,
    v.channel,
    count(*) AS contacts,
    count_if(v.resolved_first_contact IS NOT NULL) AS known,
    count_if(coalesce(v.resolved_first_contact, false)) AS resolved
FROM v_contacts_responses AS v
GROUP BY v.municipality, v.month, v.channel
