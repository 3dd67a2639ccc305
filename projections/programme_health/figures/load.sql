-- Active people who answer for live key results: for how many.
CREATE FUNCTION programme_health.load(of_organisation text, on_day date, known_at bigint)
RETURNS SETOF programme_health.member
LANGUAGE sql STABLE ROWS 100000
SET enable_nestloop = off SET work_mem = '64MB' SET jit = off AS $$
  SELECT 'person', p.person_id, NULL::text, p.unit_ids, 'responsible', 1, k.key_results::numeric,
         jsonb_build_object('key_results', k.key_results)
    FROM programme_health.people_on(of_organisation, on_day, known_at) AS p
    JOIN (
      SELECT k.responsible_id, count(*) AS key_results
        FROM programme_health.key_results_on(of_organisation, on_day, known_at) AS k
       WHERE k.live
       GROUP BY k.responsible_id
    ) AS k ON k.responsible_id = p.person_id
   WHERE p.active AND NOT p.placeholder
$$;
