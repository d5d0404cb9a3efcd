-- name: v_comments
-- purpose: Redacted comments with what may stand beside them: the week, never a day or an hour, and no key.
-- grain: one row per comment of a finished response; colleagues left out
-- parameters: none; filter by municipality and month
-- owner: reporting
-- requirements: SK-02, SK-16, SK-21, GL-47
SELECT
    k.municipality,
    k.month,
    k.question,
    -- The name by which staff put marks on it: keyed, so that who knows the contact can't tell its comments.
    k.comment_key || '.' || k.question AS comment_id,
    k.text,
    k.language,
    -- An interview or an open answer may belong to no contact of ours; what it said of itself stays (ADR 23).
    coalesce(c.office, k.office) AS office,
    coalesce(c.reason, k.reason) AS reason,
    coalesce(c.channel, k.channel) AS channel,
    k.mode,
    k.may_be_quoted,
    -- Keys of colleagues named, of those alone who have said yes to the monthly vote (BF-13).
    array_join(k.nominees, ' ') AS nominees,
    -- The Monday of the local week.
    CAST(
        CAST(date_trunc('week', coalesce(c.local_date, CAST(k.contact_ended_at AS date))) AS date) AS varchar
    ) AS week_start,
    s.answer AS score,
    -- Its wording, as a score is never told without its scale.
    s.wording AS score_wording
FROM comments AS k
LEFT JOIN contacts AS c
    ON c.municipality = k.municipality AND c.month = k.month AND c.contact_id = k.contact_id
LEFT JOIN (
    SELECT
        a.municipality,
        a.month,
        a.contact_id,
        max(a.value) AS answer,
        max(a.question_version) AS wording
    FROM answers AS a
    WHERE a.question = 'satisfaction'
    GROUP BY a.municipality, a.month, a.contact_id
) AS s
    ON s.municipality = k.municipality AND s.month = k.month AND s.contact_id = k.contact_id
WHERE NOT coalesce(c.internal, false)
