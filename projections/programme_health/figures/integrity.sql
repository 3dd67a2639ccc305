-- What was redefined after its cycle opened, corrected, or done after a lock, and how late.
CREATE FUNCTION programme_health.integrity(of_organisation text, on_day date, known_at bigint)
RETURNS SETOF programme_health.member
LANGUAGE sql STABLE ROWS 100000
SET enable_nestloop = off SET work_mem = '64MB' SET jit = off AS $$
  WITH key_results AS MATERIALIZED (
    SELECT k.* FROM programme_health.key_results_on(of_organisation, on_day, known_at) AS k
  ),

  objectives AS MATERIALIZED (
    SELECT o.* FROM programme_health.objectives_on(of_organisation, on_day, known_at) AS o
  ),

  cycles AS (
    SELECT c.cycle_id, c.starts_on, c.ends_on, opened.sequence AS opened_with
      FROM programme_health.cycles_on(of_organisation, on_day, known_at) AS c
      LEFT JOIN (
        SELECT f.id, min(f.sequence) AS sequence FROM programme_health.facts AS f
         WHERE f.organisation = of_organisation AND f.kind = 'cycle' AND f.what = 'state' AND f.value = 'open'
           AND f.sequence <= known_at
         GROUP BY f.id
      ) AS opened ON opened.id = c.cycle_id
  ),

  said AS (
    SELECT f.sequence, f.what, f.effective_on, split_part(f.id, '/', 1) AS plural, split_part(f.id, '/', 2) AS id,
           f.value::jsonb AS detail
      FROM programme_health.facts AS f
     WHERE f.organisation = of_organisation AND f.kind = 'integrity' AND f.effective_on <= on_day
       AND f.sequence <= known_at
  ),

  placed AS (
    SELECT said.*, coalesce(said.detail ->> 'cycle_id', k.cycle_id, o.cycle_id) AS cycle_id,
           coalesce(k.unit_id, o.unit_id) AS unit_id
      FROM said
      LEFT JOIN key_results AS k ON k.key_result_id = said.detail ->> 'key_result_id'
      LEFT JOIN objectives AS o
        ON o.objective_id = CASE said.plural
          WHEN 'objectives' THEN said.id WHEN 'alignments' THEN split_part(said.id, '~', 1)
        END
  )

  SELECT CASE placed.plural
           WHEN 'key-results' THEN 'key_result' WHEN 'check-ins' THEN 'check_in' ELSE rtrim(placed.plural, 's')
         END,
         placed.id, placed.cycle_id,
         CASE WHEN placed.unit_id IS NULL THEN '{}'::text [] ELSE ARRAY[placed.unit_id] END,
         placed.what, 1,
         CASE placed.what
           WHEN 'correction' THEN learned.on_day - placed.effective_on
           WHEN 'withdrawal' THEN NULL
           WHEN 'after_lock' THEN greatest(learned.on_day - c.ends_on, 0)
           WHEN 'redefinition' THEN learned.on_day - c.starts_on
         END::numeric,
         placed.detail - 'cycle_id' || jsonb_build_object('sequence', placed.sequence)
    FROM placed
    LEFT JOIN cycles AS c USING (cycle_id)
   CROSS JOIN LATERAL (
     SELECT ((placed.detail ->> 'at')::timestamptz AT TIME ZONE zone.name)::date AS on_day
       FROM (SELECT programme_health.time_zone(of_organisation)) AS zone (name)
   ) AS learned
   WHERE placed.what NOT IN ('redefinition', 'progress_rose') OR placed.sequence > c.opened_with
$$;
