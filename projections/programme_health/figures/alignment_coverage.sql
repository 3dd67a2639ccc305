-- Live objectives: whether some path of links leads to a live top-level one of their own or a containing cycle.
CREATE FUNCTION programme_health.alignment_coverage(of_organisation text, on_day date, known_at bigint)
RETURNS SETOF programme_health.member
LANGUAGE sql STABLE ROWS 100000
SET enable_nestloop = off SET work_mem = '64MB' SET jit = off AS $$
  WITH RECURSIVE objectives AS MATERIALIZED (
    SELECT o.* FROM programme_health.objectives_on(of_organisation, on_day, known_at) AS o
  ),

  cycles AS MATERIALIZED (
    SELECT c.cycle_id, c.parent_id FROM programme_health.cycles_on(of_organisation, on_day, known_at) AS c
  ),

  containing AS (
    SELECT c.cycle_id, c.cycle_id AS container_id, c.parent_id FROM cycles AS c
     UNION
    SELECT inner_one.cycle_id, c.cycle_id, c.parent_id
      FROM containing AS inner_one JOIN cycles AS c ON c.cycle_id = inner_one.parent_id
  ),

  links AS MATERIALIZED (
    SELECT n.id AS child_id,
           CASE WHEN n.what LIKE 'key_result/%' THEN k.objective_id ELSE split_part(n.what, '/', 2) END AS parent_id
      FROM programme_health.newest(of_organisation, 'link', on_day, known_at) AS n
      LEFT JOIN programme_health.key_results_on(of_organisation, on_day, known_at) AS k
        ON n.what = 'key_result/' || k.key_result_id
     WHERE n.value IS NOT NULL
  ),

  reached AS (
    SELECT o.cycle_id AS top_cycle_id, o.objective_id FROM objectives AS o WHERE o.top_level AND o.live
     UNION
    SELECT r.top_cycle_id, links.child_id FROM reached AS r JOIN links ON links.parent_id = r.objective_id
  )

  SELECT 'objective', o.objective_id, o.cycle_id,
         CASE WHEN o.unit_id IS NULL THEN '{}'::text [] ELSE ARRAY[o.unit_id] END,
         CASE WHEN o.top_level THEN 'top_level' WHEN covered.objective_id IS NULL THEN 'orphan' ELSE 'covered' END,
         1, NULL::numeric, jsonb_build_object('owner', o.owner_kind || '/' || o.owner_id)
    FROM objectives AS o
    LEFT JOIN (
      SELECT DISTINCT r.objective_id, c.cycle_id
        FROM reached AS r JOIN containing AS c ON c.container_id = r.top_cycle_id
    ) AS covered ON covered.objective_id = o.objective_id AND covered.cycle_id = o.cycle_id
   WHERE o.live
$$;
