-- name: v_funnel
-- purpose: How many contacts reached each step from completion to a finished answer (SK-11).
-- grain: one row per municipality and month
-- parameters: none; filter by municipality and month
-- owner: reporting
-- requirements: SK-02, SK-11, GE-05, BF-07
SELECT
    v.municipality,
    v.month,
    count(*) AS completed,
    count_if(v.is_offered) AS offered,
    count_if(v.is_consented) AS consented,
    count_if(v.is_sent) AS sent,
    count_if(v.is_delivered) AS delivered,
    count_if(v.is_started) AS started,
    count_if(v.is_finished) AS finished,
    -- Of the finished: how many wrote something too (BF-07).
    count_if(v.is_with_text) AS with_text
FROM v_contacts_responses AS v
GROUP BY v.municipality, v.month
