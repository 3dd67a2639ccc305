-- Restrictions in force, with their age in days; the reason stands in the event.
CREATE FUNCTION programme_health.restrictions(of_organisation text, on_day date, known_at bigint)
RETURNS SETOF programme_health.member
LANGUAGE sql STABLE ROWS 100000
SET enable_nestloop = off SET work_mem = '64MB' SET jit = off AS $$
  SELECT 'objective', o.objective_id, o.cycle_id,
         CASE WHEN o.unit_id IS NULL THEN '{}'::text [] ELSE ARRAY[o.unit_id] END,
         'restricted', 1, (on_day - since.day)::numeric, jsonb_build_object('since', since.day)
    FROM programme_health.objectives_on(of_organisation, on_day, known_at) AS o
   CROSS JOIN programme_health.time_zone(of_organisation) AS zone
   CROSS JOIN LATERAL (SELECT (o.restricted_at::timestamptz AT TIME ZONE zone)::date AS day) AS since
   WHERE o.live AND o.restricted_at IS NOT NULL
$$;
