-- name: v_consents
-- purpose: How many were asked whether they may be asked, and how many said yes, by where and how they were asked.
-- grain: one row per municipality, month, dimension and its value
-- parameters: none; filter by municipality and month
-- owner: reporting
-- requirements: SK-02, SK-11, SK-12
SELECT
    g.municipality,
    g.month,
    CAST(g.dimension AS varchar) AS dimension,
    g.dimension_value,
    count(*) AS offered,
    count_if(g.is_consented) AS granted
FROM (
    SELECT
        v.municipality,
        v.month,
        v.is_consented,
        d.dimension,
        CAST(CASE d.dimension
            WHEN 'all' THEN 'all'
            WHEN 'origin' THEN v.origin
            WHEN 'office' THEN v.office
            WHEN 'reason' THEN v.reason
            WHEN 'wording' THEN v.consent_text_version
        END AS varchar) AS dimension_value
    FROM v_contacts_responses AS v
    CROSS JOIN (VALUES ('all'), ('origin'), ('office'), ('reason'), ('wording')) AS d (dimension)
    WHERE v.is_offered
) AS g
WHERE g.dimension_value IS NOT NULL
GROUP BY g.municipality, g.month, g.dimension, g.dimension_value
