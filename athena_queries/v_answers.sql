-- name: v_answers
-- purpose: Every answer beside the facts of the contact that it is about.
-- grain: one row per answer of a finished response (multiple choice: per chosen option); colleagues left out
-- parameters: none; filter by municipality and month
-- owner: lake
-- requirements: SK-05, SK-08, SK-12, GL-06, GL-68, FR-16
SELECT
    a.municipality,
    a.month,
    a.contact_id,
    a.questionnaire,
    a.question,
    a.question_version,
    a.value AS answer,
    a.value_number AS answer_number,
    a.mode,
    -- An interview may belong to no contact of ours; what it said of itself stays.
    coalesce(c.language, a.language) AS language,
    coalesce(c.channel, a.channel) AS channel,
    coalesce(c.department, a.department) AS department,
    -- Of the same source as the department.
    CASE WHEN c.department IS NOT NULL THEN c.sub_department ELSE a.sub_department END AS sub_department,
    CASE WHEN c.outage THEN 'yes' WHEN NOT c.outage THEN 'no' END AS outage,
    coalesce(c.office, a.office) AS office,
    coalesce(c.reason, a.reason) AS reason,
    -- How the appointment was booked, if there was one (FR-16).
    CASE
        WHEN c.booked_start IS NULL THEN CAST(NULL AS varchar)
        WHEN c.origin IN ('desk', 'phone') THEN 'helped'
        WHEN c.origin = 'web' THEN 'online'
        ELSE c.origin
    END AS booked_by,
    c.local_hour,
    c.local_weekday,
    c.waiting_seconds,
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
    concat(CAST(year_of_week(c.local_date) AS varchar), '-W', lpad(CAST(week(c.local_date) AS varchar), 2, '0')) AS week
FROM answers AS a
LEFT JOIN contacts AS c
    ON c.municipality = a.municipality AND c.month = a.month AND c.contact_id = a.contact_id
WHERE NOT coalesce(c.internal, false)
