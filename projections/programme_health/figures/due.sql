-- Each live key result by its newest due day: whether a check-in is due, overdue, or there.
CREATE FUNCTION programme_health.due(of_organisation text, on_day date, known_at bigint)
RETURNS SETOF programme_health.member
LANGUAGE sql STABLE ROWS 100000
SET enable_nestloop = off SET work_mem = '64MB' SET jit = off AS $$
  SELECT 'key_result', d.key_result_id, d.cycle_id,
         CASE WHEN d.unit_id IS NULL THEN '{}'::text [] ELSE ARRAY[d.unit_id] END,
         CASE
           WHEN d.due_on IS NULL THEN 'not_due_yet'
           WHEN c.newest_on > d.due_on - d.cadence THEN 'up_to_date'
           WHEN d.due_on + d.grace < on_day THEN 'overdue'
           ELSE 'due'
         END,
         1,
         CASE WHEN c.newest_on > d.due_on - d.cadence THEN NULL ELSE on_day - d.due_on END::numeric,
         jsonb_build_object(
           'due_on', d.due_on, 'next_due_on', d.next_due_on, 'newest_on', c.newest_on,
           'responsible_id', d.responsible_id
         )
    FROM (
      SELECT DISTINCT ON (g.key_result_id) g.key_result_id, g.cycle_id, g.unit_id, g.responsible_id, g.cadence,
             CASE WHEN n.passed > 0 THEN g.from_on + n.passed * g.cadence END AS due_on,
             CASE WHEN g.from_on + (n.passed + 1) * g.cadence <= g.until_on
                  THEN g.from_on + (n.passed + 1) * g.cadence END AS next_due_on,
             (SELECT programme_health.setting(of_organisation, on_day, known_at, 'punctual_within_days', 3)) AS grace
        FROM programme_health.grids_on(of_organisation, on_day, known_at) AS g
       CROSS JOIN LATERAL (SELECT (least(g.until_on, on_day) - g.from_on) / g.cadence AS passed) AS n
       WHERE g.from_on <= on_day AND g.from_on <= g.until_on
       ORDER BY g.key_result_id, g.from_on DESC
    ) AS d
    LEFT JOIN (
      SELECT c.key_result_id, max(c.effective_on) AS newest_on
        FROM programme_health.check_ins_on(of_organisation, on_day, known_at) AS c
       GROUP BY c.key_result_id
    ) AS c USING (key_result_id)
$$;
