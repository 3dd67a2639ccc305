-- Leaders, people with reports and leads of units: whether all of their live objectives are in the open.
CREATE FUNCTION programme_health.transparency(of_organisation text, on_day date, known_at bigint)
RETURNS SETOF programme_health.member
LANGUAGE sql STABLE ROWS 100000
SET enable_nestloop = off SET work_mem = '64MB' SET jit = off AS $$
  WITH people AS MATERIALIZED (
    SELECT p.* FROM programme_health.people_on(of_organisation, on_day, known_at) AS p
     WHERE p.active AND NOT p.placeholder
  )

  SELECT 'person', p.person_id, NULL::text, p.unit_ids,
         CASE WHEN own.owner_id IS NULL THEN 'none' WHEN own.restricted > 0 THEN 'restricted' ELSE 'public' END,
         1, NULL::numeric,
         jsonb_build_object('objectives', coalesce(own.objectives, 0), 'restricted', coalesce(own.restricted, 0))
    FROM people AS p
    LEFT JOIN (
      SELECT o.owner_id, count(*) AS objectives, count(o.restricted_at) AS restricted
        FROM programme_health.objectives_on(of_organisation, on_day, known_at) AS o
       WHERE o.live AND o.owner_kind = 'person'
       GROUP BY o.owner_id
    ) AS own ON own.owner_id = p.person_id
   WHERE p.person_id IN (SELECT r.manager_id FROM people AS r)
      OR p.person_id IN (
        SELECT u.lead_id FROM programme_health.units_on(of_organisation, on_day, known_at) AS u WHERE NOT u.closed
      )
$$;
