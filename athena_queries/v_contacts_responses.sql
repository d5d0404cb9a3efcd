-- name: v_contacts_responses
-- purpose: What happened to every citizen's contact, joined by the opaque key to whether and what was asked of it.
-- grain: one row per served contact that is not a colleague's
-- parameters: none; filter by municipality and month, which prunes partitions in all three tables
-- owner: lake
-- requirements: SK-05, SK-06, SK-08, SK-11, SK-25, FR-06
SELECT
    c.municipality,
    c.month,
    c.contact_id,
    c.channel,
    c.department,
    c.sub_department,
    -- Something that it needed was down (BF-14); text, as dimensions are.
    CASE WHEN c.outage THEN 'yes' WHEN NOT c.outage THEN 'no' END AS outage,
    c.waiting_from,
    c.office,
    c.desk_group,
    c.reason,
    c.language,
    c.origin,
    c.local_date,
    c.local_hour,
    c.local_weekday,
    c.waiting_seconds,
    c.service_seconds,
    -- The bands citizens and leaders speak of; NULL where no waiting was measured (BF-04).
    CASE
        WHEN c.waiting_seconds IS NULL THEN CAST(NULL AS varchar)
        WHEN c.waiting_seconds < 300 THEN '00-05'
        WHEN c.waiting_seconds < 600 THEN '05-10'
        WHEN c.waiting_seconds < 1200 THEN '10-20'
        WHEN c.waiting_seconds < 1800 THEN '20-30'
        ELSE '30+'
    END AS waiting_band,
    CASE
        WHEN c.service_seconds IS NULL THEN CAST(NULL AS varchar)
        WHEN c.service_seconds < 300 THEN '00-05'
        WHEN c.service_seconds < 600 THEN '05-10'
        WHEN c.service_seconds < 1200 THEN '10-20'
        WHEN c.service_seconds < 1800 THEN '20-30'
        ELSE '30+'
    END AS service_band,
    concat(CAST(year_of_week(c.local_date) AS varchar), '-W', lpad(CAST(week(c.local_date) AS varchar), 2, '0')) AS week,
    -- After the later of the booked time and the check-in: who comes late waits for nobody's fault but theirs (FR-06).
    CASE
        WHEN c.booked_start IS NOT NULL AND c.called_at IS NOT NULL
            THEN greatest(date_diff('second', greatest(c.booked_start, coalesce(c.arrived_at, c.booked_start)), c.called_at), 0)
    END AS delay_seconds,
    -- From the booking to the booked time (SK-25).
    date_diff('second', c.booked_at, c.booked_start) AS lead_seconds,
    c.resolved_first_contact,
    c.transfers,
    c.next_step_given,
    c.handed_over,
    c.outside_hours,
    c.consent_text_version,
    c.booked_start IS NOT NULL AS is_booked,
    coalesce(c.consent_offered, false) AS is_offered,
    coalesce(c.consent_granted, false) AS is_consented,
    i.state AS invitation_state,
    i.not_invited_reason,
    i.sent_at IS NOT NULL AS is_sent,
    coalesce(i.state = 'delivered', false) AS is_delivered,
    r.contact_id IS NOT NULL AS is_started,
    coalesce(r.state = 'finished', false) AS is_finished,
    coalesce(r.state = 'finished' AND r.has_comment, false) AS is_with_text,
    r.mode AS response_mode
FROM contacts AS c
LEFT JOIN invitations AS i
    ON i.municipality = c.municipality AND i.month = c.month AND i.contact_id = c.contact_id
LEFT JOIN responses AS r
    ON r.municipality = c.municipality AND r.month = c.month AND r.contact_id = c.contact_id
-- Whoever never came, or whose visit nobody completed, was not served: `v_endings` counts them. Who was asked counts.
WHERE
    NOT coalesce(c.internal, false)
    AND (coalesce(c.ending, 'served') IN ('served', 'at_door') OR i.sent_at IS NOT NULL)
