-- name: v_drop_off
-- purpose: How far citizens come in a questionnaire: how many finished, and before which question the others stopped.
-- grain: one row per municipality, month, mode, questionnaire, its version and the question stopped at (empty: finished)
-- parameters: none; filter by municipality and month
-- owner: lake
-- requirements: SK-11, GL-03, GL-04
SELECT
    r.municipality,
    r.month,
    r.mode,
    r.questionnaire,
    r.questionnaire_version,
    CASE WHEN r.state = 'finished' THEN '' ELSE coalesce(r.stopped_at, '?') END AS stopped_at,
    count(*) AS responses,
    count_if(NOT coalesce(r.eligible, true)) AS screened_out,
    avg(CAST(r.seconds AS double)) AS mean_seconds
FROM responses AS r
LEFT JOIN contacts AS c
    ON c.municipality = r.municipality AND c.month = r.month AND c.contact_id = r.contact_id
WHERE NOT coalesce(c.internal, false)
GROUP BY
    r.municipality,
    r.month,
    r.mode,
    r.questionnaire,
    r.questionnaire_version,
    CASE WHEN r.state = 'finished' THEN '' ELSE coalesce(r.stopped_at, '?') END
