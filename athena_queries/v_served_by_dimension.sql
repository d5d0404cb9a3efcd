-- name: v_served_by_dimension
-- purpose: Everyone served, by the dimensions of the answers: the base that shows who did not answer.
-- grain: one row per municipality, month, dimension and its value
-- parameters: none; filter by municipality and month
-- owner: reporting
-- requirements: SK-08, SK-11, GL-06
SELECT
    g.municipality,
    g.month,
    CAST(g.dimension AS varchar) AS dimension,
    g.dimension_value,
    count(*) AS contacts
FROM (
    SELECT
        v.municipality,
        v.month,
        d.dimension,
        CAST(CASE d.dimension
            WHEN 'all' THEN 'all'
            WHEN 'office' THEN v.office
            WHEN 'reason' THEN v.reason
            WHEN 'channel' THEN v.channel
            WHEN 'department' THEN v.department
            WHEN 'sub_department' THEN v.sub_department
            WHEN 'outage' THEN v.outage
            WHEN 'language' THEN v.language
            WHEN 'weekday' THEN CAST(v.local_weekday AS varchar)
            WHEN 'hour' THEN lpad(CAST(v.local_hour AS varchar), 2, '0')
            WHEN 'waiting' THEN v.waiting_band
            WHEN 'service' THEN v.service_band
            WHEN 'week' THEN v.week
        END AS varchar) AS dimension_value
    FROM v_contacts_responses AS v
    CROSS JOIN (
        VALUES
            ('all'), ('office'), ('reason'), ('channel'), ('department'), ('sub_department'), ('outage'), ('language'),
            ('weekday'), ('hour'), ('waiting'), ('service'), ('week')
    ) AS d (dimension)
) AS g
WHERE g.dimension_value IS NOT NULL
GROUP BY g.municipality, g.month, g.dimension, g.dimension_value
