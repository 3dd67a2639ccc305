-- Active people who own, are responsible for or partner in something live, and open units that own something.
CREATE FUNCTION programme_health.adoption(of_organisation text, on_day date, known_at bigint)
RETURNS SETOF programme_health.member
LANGUAGE sql STABLE ROWS 100000
SET enable_nestloop = off SET work_mem = '64MB' SET jit = off AS $$
  WITH people AS MATERIALIZED (
    SELECT p.* FROM programme_health.people_on(of_organisation, on_day, known_at) AS p
     WHERE p.active AND NOT p.placeholder
  ),

  objectives AS MATERIALIZED (
    SELECT o.* FROM programme_health.objectives_on(of_organisation, on_day, known_at) AS o WHERE o.live
  ),

  key_results AS MATERIALIZED (
    SELECT k.* FROM programme_health.key_results_on(of_organisation, on_day, known_at) AS k WHERE k.live
  ),

  parts AS (
    SELECT o.owner_id AS person_id, 1 AS owns, 0 AS responsible_for, 0 AS partner_in
      FROM objectives AS o WHERE o.owner_kind = 'person'
     UNION ALL
    SELECT k.responsible_id, 0, 1, 0 FROM key_results AS k
     UNION ALL
    SELECT n.what, 0, 0, 1
      FROM programme_health.newest(of_organisation, 'partner', on_day, known_at) AS n
      JOIN key_results AS k ON k.key_result_id = n.id
     WHERE n.value IS NOT NULL
  ),

  involved AS (
    SELECT parts.person_id, sum(parts.owns) AS owns, sum(parts.responsible_for) AS responsible_for,
           sum(parts.partner_in) AS partner_in
      FROM parts GROUP BY parts.person_id
  )

  SELECT 'person', p.person_id, NULL::text, p.unit_ids,
         CASE WHEN i.person_id IS NULL THEN 'without' ELSE 'with' END, 1, NULL::numeric,
         jsonb_build_object(
           'owns', coalesce(i.owns, 0), 'responsible_for', coalesce(i.responsible_for, 0),
           'partner_in', coalesce(i.partner_in, 0)
         )
    FROM people AS p
    LEFT JOIN involved AS i USING (person_id)
   UNION ALL
  SELECT 'unit', u.unit_id, NULL, ARRAY[u.unit_id], CASE WHEN o.owns IS NULL THEN 'without' ELSE 'with' END, 1, NULL,
         jsonb_build_object('owns', coalesce(o.owns, 0))
    FROM programme_health.units_on(of_organisation, on_day, known_at) AS u
    LEFT JOIN (
      SELECT o.owner_id, count(*) AS owns FROM objectives AS o WHERE o.owner_kind = 'unit' GROUP BY o.owner_id
    ) AS o ON o.owner_id = u.unit_id
   WHERE NOT u.closed
$$;
