-- Restrictions in force, with their age in days; the reason stands in the event.
CREATE FUNCTION programme_health.restrictions(of_organisation text, on_day date, known_at bigint)
RETURNS SETOF programme_health.member
LANGUAGE sql STABLE AS $$
  SELECT 'objective', o.objective_id, o.cycle_id,
         CASE WHEN o.unit_id IS NULL THEN '{}'::text [] ELSE ARRAY[o.unit_id] END,
         'restricted', 1,
         (on_day - programme_health.local_day(of_organisation, o.restricted_at::timestamptz))::numeric,
         jsonb_build_object('since', programme_health.local_day(of_organisation, o.restricted_at::timestamptz))
    FROM programme_health.objectives_on(of_organisation, on_day, known_at) AS o
   WHERE o.live AND o.restricted_at IS NOT NULL
$$;
