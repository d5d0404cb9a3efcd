-- name: v_noted
-- purpose: What is noted of contacts: solved at once, passed on, next step given, handed over, outside hours, internal.
-- grain: one row per municipality, month, fact, dimension and its value; `known` is how many say so, `yes` of how many
-- parameters: none; filter by municipality and month
-- owner: reporting
-- requirements: GE-05, GE-07, GE-08, GE-14, GE-25, GL-70, BF-23
SELECT
    g.municipality,
    g.month,
    CAST(g.fact AS varchar) AS fact,
    CAST(g.dimension AS varchar) AS dimension,
    g.dimension_value,
    count(*) AS known,
    count_if(g.holds) AS yes
FROM (
    SELECT
        n.municipality,
        n.month,
        n.fact,
        n.holds,
        d.dimension,
        CAST(CASE d.dimension
            WHEN 'all' THEN 'all'
            WHEN 'channel' THEN n.channel
            WHEN 'reason' THEN n.reason
            WHEN 'department' THEN n.department
        END AS varchar) AS dimension_value
    FROM (
        SELECT
            v.municipality,
            v.month,
            v.channel,
            v.reason,
            v.department,
            f.fact,
            CASE f.fact
                WHEN 'resolved' THEN v.resolved_first_contact
                WHEN 'passed_on' THEN v.transfers > 0
                WHEN 'passed_again' THEN v.transfers > 1
                WHEN 'next_step' THEN v.next_step_given
                WHEN 'handed_over' THEN v.handed_over
                WHEN 'outside_hours' THEN v.outside_hours
            END AS holds
        FROM v_contacts_responses AS v
        CROSS JOIN (
            VALUES
                ('resolved'), ('passed_on'), ('passed_again'), ('next_step'), ('handed_over'), ('outside_hours')
        ) AS f (fact)
        UNION ALL
        -- Colleagues are in no other figure. Only systems that report contacts can tell them from citizens (GE-05).
        SELECT
            c.municipality,
            c.month,
            c.channel,
            c.reason,
            c.department,
            'internal' AS fact,
            coalesce(c.internal, false) AS holds
        FROM contacts AS c
        WHERE c.origin = 'system' AND coalesce(c.ending, 'served') IN ('served', 'at_door')
    ) AS n
    CROSS JOIN (VALUES ('all'), ('channel'), ('reason'), ('department')) AS d (dimension)
    WHERE n.holds IS NOT NULL
) AS g
WHERE g.dimension_value IS NOT NULL
GROUP BY g.municipality, g.month, g.fact, g.dimension, g.dimension_value
