-- What the words and numbers of live objectives and key results give away; dismissed ones are shown as such.
CREATE FUNCTION programme_health.quality_signals(of_organisation text, on_day date, known_at bigint)
RETURNS SETOF programme_health.member
LANGUAGE sql STABLE ROWS 100000
SET enable_nestloop = off SET work_mem = '64MB' SET jit = off AS $$
  WITH objectives AS MATERIALIZED (
    SELECT o.* FROM programme_health.objectives_on(of_organisation, on_day, known_at) AS o WHERE o.live
  ),

  key_results AS MATERIALIZED (
    SELECT k.* FROM programme_health.key_results_on(of_organisation, on_day, known_at) AS k WHERE k.live
  ),

  nodes AS (
    SELECT 'objective' AS kind, o.objective_id AS id, o.cycle_id, o.unit_id, o.words, o.signals, NULL AS measured
      FROM objectives AS o
     UNION ALL
    SELECT 'key_result', k.key_result_id, k.cycle_id, k.unit_id, k.words, k.signals, k.definition ->> 'kind'
      FROM key_results AS k
  ),

  -- From where to where the value of a key result meets its target.
  targets AS (
    SELECT k.objective_id, k.key_result_id,
           CASE k.definition ->> 'kind'
             WHEN 'increase' THEN (k.definition ->> 'target')::numeric
             WHEN 'stay_above' THEN (k.definition ->> 'target')::numeric
             WHEN 'stay_within' THEN (k.definition ->> 'low')::numeric
             WHEN 'achieve' THEN 1
             ELSE '-Infinity'
           END AS from_value,
           CASE k.definition ->> 'kind'
             WHEN 'reduce' THEN (k.definition ->> 'target')::numeric
             WHEN 'stay_below' THEN (k.definition ->> 'target')::numeric
             WHEN 'stay_within' THEN (k.definition ->> 'high')::numeric
             ELSE 'Infinity'
           END AS to_value
      FROM key_results AS k
  ),

  early AS (
    SELECT DISTINCT ON (c.key_result_id) c.key_result_id, c.value
      FROM programme_health.check_ins_on(of_organisation, on_day, known_at) AS c
      JOIN key_results AS k USING (key_result_id)
      JOIN programme_health.cycles_on(of_organisation, on_day, known_at) AS cycle ON cycle.cycle_id = k.cycle_id
     WHERE c.value IS NOT NULL AND c.effective_on < cycle.starts_on + 7
     ORDER BY c.key_result_id, c.effective_on DESC, c.recorded_at DESC
  ),

  found AS (
    SELECT nodes.kind, nodes.id, nodes.cycle_id, nodes.unit_id, said ->> 'code' AS code, said ->> 'words' AS words,
           '{}'::jsonb AS others
      FROM nodes
     CROSS JOIN LATERAL jsonb_array_elements(nodes.signals::jsonb) AS said
     WHERE said ->> 'code' NOT IN ('has_no_number', 'yes_no_measure') OR nodes.measured = 'achieve'
     UNION ALL
    SELECT nodes.kind, nodes.id, nodes.cycle_id, nodes.unit_id, 'same_words_twice', '',
           jsonb_build_object('first', twice.first)
      FROM nodes
      JOIN (
        SELECT nodes.kind, nodes.cycle_id, nodes.words, min(nodes.id) AS first
          FROM nodes
         WHERE nodes.words IS NOT NULL
         GROUP BY nodes.kind, nodes.cycle_id, nodes.words HAVING count(*) > 1
      ) AS twice
        ON twice.kind = nodes.kind AND twice.cycle_id = nodes.cycle_id AND twice.words = nodes.words
       AND twice.first <> nodes.id
     UNION ALL
    SELECT 'objective', o.objective_id, o.cycle_id, o.unit_id, 'all_targets_met_in_week_one', '', '{}'
      FROM objectives AS o
      JOIN (
        SELECT t.objective_id
          FROM targets AS t
          LEFT JOIN early USING (key_result_id)
         GROUP BY t.objective_id
        HAVING bool_and(coalesce(early.value BETWEEN t.from_value AND t.to_value, false))
      ) AS met USING (objective_id)
  )

  SELECT found.kind, found.id, found.cycle_id,
         CASE WHEN found.unit_id IS NULL THEN '{}'::text [] ELSE ARRAY[found.unit_id] END,
         CASE WHEN n.value IS NULL THEN found.code ELSE 'dismissed' END, 1, NULL::numeric,
         jsonb_build_object('code', found.code, 'words', found.words) || found.others
           || CASE WHEN n.value IS NULL THEN '{}' ELSE jsonb_build_object('dismissed_at_sequence', n.sequence) END
    FROM found
    LEFT JOIN programme_health.newest(of_organisation, 'dismissal', on_day, known_at) AS n
      ON n.id = found.kind || '/' || found.id AND n.what = found.code
$$;
