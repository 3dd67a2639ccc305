-- The vital few: live objectives of an owner, and live key results of an objective.
CREATE FUNCTION programme_health.focus(of_organisation text, on_day date, known_at bigint)
RETURNS SETOF programme_health.member
LANGUAGE sql STABLE ROWS 100000
SET enable_nestloop = off SET work_mem = '64MB' SET jit = off AS $$
  WITH objectives AS MATERIALIZED (
    SELECT o.* FROM programme_health.objectives_on(of_organisation, on_day, known_at) AS o WHERE o.live
  )

  SELECT o.owner_kind, o.owner_id, NULL::text, o.unit_ids,
         CASE
           WHEN o.objectives > (
             SELECT programme_health.setting(of_organisation, on_day, known_at, 'most_objectives', 5)
           ) THEN 'above' ELSE 'within'
         END,
         1, o.objectives::numeric, jsonb_build_object('objectives', o.objectives)
    FROM (
      SELECT o.owner_kind, o.owner_id, array_agg(DISTINCT o.unit_id) FILTER (WHERE o.unit_id IS NOT NULL) AS unit_ids,
             count(*) AS objectives
        FROM objectives AS o
       GROUP BY o.owner_kind, o.owner_id
    ) AS o
   UNION ALL
  SELECT 'objective', o.objective_id, o.cycle_id,
         CASE WHEN o.unit_id IS NULL THEN '{}'::text [] ELSE ARRAY[o.unit_id] END,
         CASE
           WHEN k.key_results > (
             SELECT programme_health.setting(of_organisation, on_day, known_at, 'most_key_results', 5)
           ) THEN 'above' ELSE 'within'
         END,
         1, coalesce(k.key_results, 0), jsonb_build_object('key_results', coalesce(k.key_results, 0))
    FROM objectives AS o
    LEFT JOIN (
      SELECT k.objective_id, count(*) AS key_results
        FROM programme_health.key_results_on(of_organisation, on_day, known_at) AS k
       WHERE k.live
       GROUP BY k.objective_id
    ) AS k USING (objective_id)
$$;
