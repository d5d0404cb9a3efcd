-- name: v_endings
-- purpose: How contacts ended, by office: served, solved at the door, never came, never closed, so nobody goes uncounted.
-- grain: one row per municipality, month, channel, office and ending
-- parameters: none; filter by municipality and month
-- owner: reporting
-- requirements: SK-03, GL-77
-- Who never came to an appointment left no contact, only the booking. A walk-in who went away left neither.
SELECT
    e.municipality,
    e.month,
    e.channel,
    e.office,
    e.ending,
    count(*) AS contacts
FROM (
    SELECT
        c.municipality,
        c.month,
        c.channel,
        c.office,
        coalesce(c.ending, 'served') AS ending
    FROM contacts AS c
    WHERE NOT coalesce(c.internal, false)
    UNION ALL
    SELECT
        b.municipality,
        b.month,
        'in_person' AS channel,
        b.office,
        b.outcome AS ending
    FROM bookings AS b
    LEFT JOIN contacts AS c
        ON c.municipality = b.municipality AND c.month = b.month AND c.contact_id = b.contact_id
    WHERE b.outcome = 'no_show' AND c.contact_id IS NULL
) AS e
GROUP BY e.municipality, e.month, e.channel, e.office, e.ending
