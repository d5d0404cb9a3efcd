-- name: v_answer_patterns
-- purpose: Which answers to the closed questions were given together, with the waiting: what goes with satisfaction.
-- grain: one row per municipality, month, waiting band and combination of answers; never a respondent's key
-- parameters: none; filter by municipality and month
-- owner: reporting
-- requirements: SK-06, BF-04, BF-24
SELECT
    g.municipality,
    g.month,
    g.waiting_band,
    g.pattern,
    count(*) AS responses
FROM (
    SELECT
        v.municipality,
        v.month,
        v.contact_id,
        max(v.waiting_band) AS waiting_band,
        array_join(
            array_agg(concat(v.question, '@', v.question_version, '=', v.answer) ORDER BY v.question, v.answer), ';'
        ) AS pattern
    FROM v_answers AS v
    -- What is about the employee, the outcome and the whole (BF-24); background questions would point at people.
    WHERE v.question IN ('satisfaction', 'friendliness', 'got-answer', 'clear-information')
    GROUP BY v.municipality, v.month, v.contact_id
) AS g
GROUP BY g.municipality, g.month, g.waiting_band, g.pattern
