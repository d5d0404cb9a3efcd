-- name: v_bookings
-- purpose: What became of appointments: who was served, never came, cancelled; who was helped, who declined another way.
-- grain: one row per municipality, month of the booked time, dimension and its value
-- parameters: none; filter by municipality and month
-- owner: reporting
-- requirements: FR-12, FR-16, GL-67, SK-25
SELECT
    g.municipality,
    g.month,
    CAST(g.dimension AS varchar) AS dimension,
    g.dimension_value,
    count(*) AS bookings,
    count_if(g.outcome = 'served') AS served,
    count_if(g.outcome = 'no_show') AS no_show,
    count_if(g.outcome = 'cancelled') AS cancelled,
    -- By phone or video there is no check-in, so nobody knows.
    count_if(g.outcome IS NULL) AS unknown,
    count_if(g.is_assisted) AS assisted,
    count_if(g.is_alternative_seen) AS alternative_declined,
    count_if(g.moves > 0) AS moved,
    sum(g.persons) AS persons
FROM (
    SELECT
        b.municipality,
        b.month,
        d.dimension,
        CAST(CASE d.dimension
            WHEN 'all' THEN 'all'
            WHEN 'office' THEN b.office
            WHEN 'reason' THEN b.reason
            WHEN 'origin' THEN b.origin
            WHEN 'meeting' THEN b.meeting
            WHEN 'language' THEN b.language
        END AS varchar) AS dimension_value,
        b.outcome,
        coalesce(b.assisted, false) AS is_assisted,
        coalesce(b.alternatives_seen, false) AS is_alternative_seen,
        coalesce(b.moves, 0) AS moves,
        coalesce(b.persons, 1) AS persons
    FROM bookings AS b
    LEFT JOIN contacts AS c
        ON c.municipality = b.municipality AND c.month = b.month AND c.contact_id = b.contact_id
    CROSS JOIN (
        VALUES ('all'), ('office'), ('reason'), ('origin'), ('meeting'), ('language')
    ) AS d (dimension)
    WHERE NOT coalesce(c.internal, false)
) AS g
WHERE g.dimension_value IS NOT NULL
GROUP BY g.municipality, g.month, g.dimension, g.dimension_value
