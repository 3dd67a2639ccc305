-- Live key results: whether an active person answers for each by name.
CREATE FUNCTION programme_health.accountability(of_organisation text, on_day date, known_at bigint)
RETURNS SETOF programme_health.member
LANGUAGE sql STABLE ROWS 100000
SET enable_nestloop = off SET work_mem = '64MB' SET jit = off AS $$
  SELECT 'key_result', k.key_result_id, k.cycle_id,
         CASE WHEN k.unit_id IS NULL THEN '{}'::text [] ELSE ARRAY[k.unit_id] END,
         CASE WHEN p.active IS NOT TRUE THEN 'vacant' WHEN p.placeholder THEN 'placeholder' ELSE 'named' END,
         1, NULL::numeric, jsonb_build_object('responsible_id', k.responsible_id)
    FROM programme_health.key_results_on(of_organisation, on_day, known_at) AS k
    LEFT JOIN programme_health.people_on(of_organisation, on_day, known_at) AS p ON p.person_id = k.responsible_id
   WHERE k.live
$$;
