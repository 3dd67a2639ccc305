-- Every due day of every live key result: whether a check-in met it, and was recorded in time.
CREATE FUNCTION programme_health.punctuality(of_organisation text, on_day date, known_at bigint)
RETURNS SETOF programme_health.member
LANGUAGE sql STABLE ROWS 100000
SET enable_nestloop = off SET work_mem = '64MB' SET jit = off AS $$
  WITH grids AS MATERIALIZED (
    SELECT g.*, (SELECT programme_health.setting(of_organisation, on_day, known_at, 'punctual_within_days', 3)) AS grace
      FROM programme_health.grids_on(of_organisation, on_day, known_at) AS g
  ),

  -- A check-in meets the first due day that is not before it, and no other.
  met AS (
    SELECT g.key_result_id, g.from_on,
           greatest(1, ceil((c.effective_on - g.from_on)::numeric / g.cadence))::integer AS n,
           min(c.recorded_at) FILTER (WHERE NOT c.imported) AS recorded_at, bool_or(c.imported) AS imported
      FROM grids AS g
      JOIN programme_health.check_ins_on(of_organisation, on_day, known_at) AS c USING (key_result_id)
     WHERE c.effective_on BETWEEN g.from_on AND g.until_on
     GROUP BY 1, 2, 3
  ),

  due AS (
    SELECT g.*, n, g.from_on + n * g.cadence AS due_on
      FROM grids AS g
     CROSS JOIN LATERAL generate_series(1, (least(g.until_on, on_day) - g.from_on) / g.cadence) AS n
  )

  SELECT 'key_result', d.key_result_id, d.cycle_id,
         CASE WHEN d.unit_id IS NULL THEN '{}'::text [] ELSE ARRAY[d.unit_id] END,
         CASE
           WHEN r.recorded_on <= d.due_on + d.grace THEN 'punctual'
           WHEN r.recorded_on IS NOT NULL THEN 'late'
           WHEN m.imported THEN 'not_rated'
           WHEN d.due_on + d.grace < on_day THEN 'missed'
           ELSE 'awaited'
         END,
         1,
         greatest(r.recorded_on - d.due_on, 0)::numeric,
         jsonb_build_object('due_on', d.due_on, 'recorded_on', r.recorded_on, 'responsible_id', d.responsible_id)
    FROM due AS d
    LEFT JOIN met AS m ON m.key_result_id = d.key_result_id AND m.from_on = d.from_on AND m.n = d.n
   CROSS JOIN LATERAL (
     SELECT (m.recorded_at AT TIME ZONE (SELECT programme_health.time_zone(of_organisation)))::date AS recorded_on
   ) AS r
$$;
