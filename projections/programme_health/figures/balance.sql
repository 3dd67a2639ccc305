-- The links of live objectives, by where they came from; who drew one is shown where it contradicts that.
CREATE FUNCTION programme_health.balance(of_organisation text, on_day date, known_at bigint)
RETURNS SETOF programme_health.member
LANGUAGE sql STABLE ROWS 100000
SET enable_nestloop = off SET work_mem = '64MB' SET jit = off AS $$
  WITH objectives AS MATERIALIZED (
    SELECT o.* FROM programme_health.objectives_on(of_organisation, on_day, known_at) AS o
  ),

  links AS (
    SELECT n.id AS child_id, n.what AS parent,
           CASE WHEN n.what LIKE 'key_result/%' THEN k.objective_id ELSE split_part(n.what, '/', 2) END AS above_id,
           split_part(n.value, '/', 1) AS origin, nullif(split_part(n.value, '/', 2), '') AS drawn_by
      FROM programme_health.newest(of_organisation, 'link', on_day, known_at) AS n
      LEFT JOIN programme_health.key_results_on(of_organisation, on_day, known_at) AS k
        ON n.what = 'key_result/' || k.key_result_id
     WHERE n.value IS NOT NULL
  )

  SELECT 'alignment', l.child_id || '~' || replace(l.parent, '/', '~'), child.cycle_id,
         CASE WHEN child.unit_id IS NULL THEN '{}'::text [] ELSE ARRAY[child.unit_id] END,
         l.origin, 1, NULL::numeric,
         jsonb_build_object(
           'child_id', l.child_id, 'parent', l.parent, 'drawn_by', drawn.side,
           'contradicts', (l.origin = 'cascaded' AND drawn.side = 'child_owner')
             OR (l.origin = 'laddered' AND drawn.side = 'parent_owner')
         )
    FROM links AS l
    JOIN objectives AS child ON child.objective_id = l.child_id AND child.live
    JOIN objectives AS above ON above.objective_id = l.above_id
   CROSS JOIN LATERAL (
     SELECT l.drawn_by IS NOT NULL AND child.owner_kind = 'person' AND child.owner_id = l.drawn_by AS below,
            l.drawn_by IS NOT NULL AND above.owner_kind = 'person' AND above.owner_id = l.drawn_by AS above
   ) AS drew
   CROSS JOIN LATERAL (
     SELECT CASE
       WHEN drew.below AND NOT drew.above THEN 'child_owner' WHEN drew.above AND NOT drew.below THEN 'parent_owner'
       ELSE 'other'
     END AS side
   ) AS drawn
$$;
