-- name: v_respondents
-- purpose: How many answered each question: the base of multiple choice, whose answers add up to more (GL-37).
-- grain: one row per municipality, month, question and wording
-- parameters: none; filter by municipality and month
-- owner: reporting
-- requirements: GL-37, GL-38
SELECT
    v.municipality,
    v.month,
    v.question,
    v.question_version,
    count(DISTINCT v.contact_id) AS respondents
FROM v_answers AS v
GROUP BY v.municipality, v.month, v.question, v.question_version
