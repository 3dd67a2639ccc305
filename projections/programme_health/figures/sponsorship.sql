-- Executives and the programme's leads: who has live, public, punctual OKRs of their own.
CREATE FUNCTION programme_health.sponsorship(of_organisation text, on_day date, known_at bigint)
RETURNS SETOF programme_health.member
LANGUAGE sql STABLE ROWS 100000
SET enable_nestloop = off SET work_mem = '64MB' SET jit = off AS $$
  WITH people AS MATERIALIZED (
    SELECT p.* FROM programme_health.people_on(of_organisation, on_day, known_at) AS p
     WHERE p.active AND NOT p.placeholder
  ),

  sponsors AS (
    SELECT u.lead_id AS person_id, 'executive' AS sponsors_as
      FROM programme_health.units_on(of_organisation, on_day, known_at) AS u
     WHERE u.layer <= 1 AND NOT u.closed AND u.lead_id IS NOT NULL
     UNION
    SELECT p.person_id, 'executive'
      FROM people AS p
     WHERE p.manager_id IS NULL AND p.person_id IN (SELECT r.manager_id FROM people AS r)
     UNION
    SELECT n.id, 'programme_lead'
      FROM programme_health.newest(of_organisation, 'role', on_day, known_at) AS n
     WHERE n.what = 'programme_lead' AND n.value IS NOT NULL
  ),

  overdue AS (
    SELECT d.id AS key_result_id FROM programme_health.due(of_organisation, on_day, known_at) AS d
     WHERE d.outcome = 'overdue'
  ),

  own AS (
    SELECT o.owner_id AS person_id, count(*) AS objectives,
           count(*) FILTER (WHERE o.restricted_at IS NULL) AS public, sum(k.overdue) AS overdue
      FROM programme_health.objectives_on(of_organisation, on_day, known_at) AS o
      LEFT JOIN (
        SELECT k.objective_id, count(overdue.key_result_id) AS overdue
          FROM programme_health.key_results_on(of_organisation, on_day, known_at) AS k
          LEFT JOIN overdue USING (key_result_id)
         WHERE k.live
         GROUP BY k.objective_id
      ) AS k USING (objective_id)
     WHERE o.live AND o.owner_kind = 'person'
     GROUP BY o.owner_id
  )

  SELECT 'person', p.person_id, NULL::text, p.unit_ids,
         CASE
           WHEN own.person_id IS NULL THEN 'none'
           WHEN own.public = 0 THEN 'restricted'
           WHEN own.overdue > 0 THEN 'unpunctual'
           ELSE 'sponsors'
         END,
         1, NULL::numeric,
         jsonb_build_object(
           'as', s.sponsors_as, 'objectives', coalesce(own.objectives, 0), 'overdue', coalesce(own.overdue, 0)
         )
    FROM (
      SELECT sponsors.person_id, array_agg(sponsors.sponsors_as ORDER BY sponsors.sponsors_as) AS sponsors_as
        FROM sponsors GROUP BY sponsors.person_id
    ) AS s
    JOIN people AS p USING (person_id)
    LEFT JOIN own USING (person_id)
$$;
