-- name: v_answers_crossed
-- purpose: How many gave each answer, by two fields at once; which of them may be shown is decided elsewhere (ADR 36).
-- grain: one row per municipality, month, pair of fields, their values, question, wording and answer
-- parameters: none; filter by municipality and month
-- owner: reporting
-- requirements: SK-22, GL-06, GL-13, GL-20, FR-16
-- One scan: each answer is repeated per pair. Whoever has no value of a field stands under the empty text.
SELECT
    g.municipality,
    g.month,
    CAST(g.row_field AS varchar) AS row_field,
    g.row_value,
    CAST(g.column_field AS varchar) AS column_field,
    g.column_value,
    g.question,
    g.question_version,
    g.answer,
    count(*) AS answers
FROM (
    SELECT
        v.municipality,
        v.month,
        p.row_field,
        coalesce(CAST(CASE p.row_field
            WHEN 'unit' THEN concat(coalesce(v.department, ''), '/', coalesce(v.reason, ''))
            WHEN 'channel' THEN v.channel
        END AS varchar), '') AS row_value,
        p.column_field,
        coalesce(CAST(CASE p.column_field
            WHEN 'place' THEN concat(coalesce(v.channel, ''), '/', coalesce(v.office, ''))
            WHEN 'language' THEN v.language
            WHEN 'mode' THEN v.mode
            WHEN 'booked_by' THEN v.booked_by
            WHEN 'age' THEN v.age
            WHEN 'gender' THEN v.gender
            WHEN 'education' THEN v.education
            WHEN 'employment' THEN v.employment
        END AS varchar), '') AS column_value,
        v.question,
        v.question_version,
        v.answer
    FROM (
        SELECT
            a.municipality,
            a.month,
            a.department,
            a.reason,
            a.channel,
            a.office,
            a.language,
            a.mode,
            a.booked_by,
            a.question,
            a.question_version,
            a.answer,
            -- What citizens told of themselves stands beside their other answers, as a field.
            max(CASE WHEN a.question = 'age' THEN a.answer END) OVER (
                PARTITION BY a.municipality, a.month, a.contact_id
            ) AS age,
            max(CASE WHEN a.question = 'gender' THEN a.answer END) OVER (
                PARTITION BY a.municipality, a.month, a.contact_id
            ) AS gender,
            max(CASE WHEN a.question = 'education' THEN a.answer END) OVER (
                PARTITION BY a.municipality, a.month, a.contact_id
            ) AS education,
            max(CASE WHEN a.question = 'employment' THEN a.answer END) OVER (
                PARTITION BY a.municipality, a.month, a.contact_id
            ) AS employment,
            -- Most municipalities ask nobody about themselves.
            max(CASE WHEN a.question IN ('age', 'gender', 'education', 'employment') THEN 1 END) OVER (
                PARTITION BY a.municipality, a.month
            ) AS background_known
        FROM v_answers AS a
    ) AS v
    CROSS JOIN (
        VALUES
            ('unit', 'place'), ('unit', 'language'), ('channel', 'mode'), ('channel', 'booked_by'),
            ('unit', 'age'), ('unit', 'gender'), ('unit', 'education'), ('unit', 'employment')
    ) AS p (row_field, column_field)
    -- These say who answered and how, not how it went.
    WHERE
        v.question NOT IN ('age', 'gender', 'education', 'employment', 'latest-channel', 'preferred-channel')
        AND (
            v.background_known IS NOT NULL
            OR p.column_field NOT IN ('age', 'gender', 'education', 'employment')
        )
) AS g
GROUP BY
    g.municipality,
    g.month,
    g.row_field,
    g.row_value,
    g.column_field,
    g.column_value,
    g.question,
    g.question_version,
    g.answer
