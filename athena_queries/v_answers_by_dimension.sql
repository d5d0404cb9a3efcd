-- name: v_answers_by_dimension
-- purpose: How many gave each answer, by every dimension that a report shows; shares and tests are made elsewhere.
-- grain: one row per municipality, month, dimension, its value, question, wording and answer
-- parameters: none; filter by municipality and month
-- owner: reporting
-- requirements: SK-06, SK-12, GL-10, GL-15, GL-35, BF-04
-- One scan: each answer is repeated per dimension. A contact without the fact (a call has no office) is in no group.
SELECT
    g.municipality,
    g.month,
    CAST(g.dimension AS varchar) AS dimension,
    g.dimension_value,
    g.question,
    g.question_version,
    g.answer,
    count(*) AS answers
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
            WHEN 'mode' THEN v.mode
        END AS varchar) AS dimension_value,
        v.question,
        v.question_version,
        v.answer
    FROM v_answers AS v
    CROSS JOIN (
        VALUES
            ('all'), ('office'), ('reason'), ('channel'), ('department'), ('sub_department'), ('outage'), ('language'),
            ('weekday'), ('hour'), ('waiting'), ('service'), ('week'), ('mode')
    ) AS d (dimension)
) AS g
WHERE g.dimension_value IS NOT NULL
GROUP BY g.municipality, g.month, g.dimension, g.dimension_value, g.question, g.question_version, g.answer
