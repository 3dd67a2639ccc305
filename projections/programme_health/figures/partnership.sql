-- Live key results: whether at least one key partner is named.
CREATE FUNCTION programme_health.partnership(of_organisation text, on_day date, known_at bigint)
RETURNS SETOF programme_health.member
LANGUAGE sql STABLE ROWS 100000
SET enable_nestloop = off SET work_mem = '64MB' SET jit = off AS $$
  SELECT 'key_result', k.key_result_id, k.cycle_id,
         CASE WHEN k.unit_id IS NULL THEN '{}'::text [] ELSE ARRAY[k.unit_id] END,
         CASE WHEN n.partners IS NULL THEN 'without_partner' ELSE 'with_partner' END,
         1, coalesce(n.partners, 0)::numeric, jsonb_build_object('partners', coalesce(n.partners, 0))
    FROM programme_health.key_results_on(of_organisation, on_day, known_at) AS k
    LEFT JOIN (
      SELECT n.id, count(*) AS partners
        FROM programme_health.newest(of_organisation, 'partner', on_day, known_at) AS n
       WHERE n.value IS NOT NULL
       GROUP BY n.id
    ) AS n ON n.id = k.key_result_id
   WHERE k.live
$$;
