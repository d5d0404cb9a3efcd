-- name: v_comments
-- purpose: Redacted comments with what may stand beside them: the week, never a day or an hour, and no key.
-- grain: one row per comment of a finished response; colleagues left out
-- parameters: none; filter by municipality and month
-- owner: reporting
-- requirements: SK-02, SK-16, GL-47
SELECT
    k.municipality,
    k.month,
    k.question,
    k.text,
    k.language,
    -- An interview or an open answer may belong to no contact of ours; what it said of itself stays (ADR 23).
    coalesce(c.office, k.office) AS office,
    coalesce(c.reason, k.reason) AS reason,
    coalesce(c.channel, k.channel) AS channel,
    k.mode,
    k.may_be_quoted,
    -- The Monday of the local week.
    CAST(
        CAST(date_trunc('week', coalesce(c.local_date, CAST(k.contact_ended_at AS date))) AS date) AS varchar
    ) AS week_start,
    s.answer AS score
FROM comments AS k
LEFT JOIN contacts AS c
    ON c.municipality = k.municipality AND c.month = k.month AND c.contact_id = k.contact_id
LEFT JOIN (
    SELECT
        a.municipality,
        a.month,
        a.contact_id,
        max(a.value) AS answer
    FROM answers AS a
    WHERE a.question = 'satisfaction'
    GROUP BY a.municipality, a.month, a.contact_id
) AS s
    ON s.municipality = k.municipality AND s.month = k.month AND s.contact_id = k.contact_id
WHERE NOT coalesce(c.internal, false)
