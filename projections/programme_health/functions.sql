-- What held on a day, known at an event: the parts that every figure is made of. Each is one SELECT, so that the
-- planner sees through it.

CREATE FUNCTION programme_health.newest(of_organisation text, of_kind text, on_day date, known_at bigint)
RETURNS TABLE (id text, what text, value text, effective_on date, sequence bigint)
LANGUAGE sql STABLE AS $$
  SELECT DISTINCT ON (f.id, f.what) f.id, f.what, f.value, f.effective_on, f.sequence
    FROM programme_health.facts AS f
   WHERE f.organisation = of_organisation AND f.kind = of_kind AND f.effective_on <= on_day AND f.sequence <= known_at
   ORDER BY f.id DESC, f.what DESC, f.effective_on DESC, f.sequence DESC
$$;

CREATE FUNCTION programme_health.setting(
  of_organisation text, on_day date, known_at bigint, of_name text, otherwise integer
) RETURNS integer
LANGUAGE sql STABLE AS $$
  SELECT coalesce(
    (
      SELECT (f.value::jsonb ->> of_name)::integer FROM programme_health.facts AS f
       WHERE f.organisation = of_organisation AND f.kind = 'organisation' AND f.id = '' AND f.what = 'settings'
         AND f.effective_on <= on_day AND f.sequence <= known_at
       ORDER BY f.effective_on DESC, f.sequence DESC LIMIT 1
    ),
    otherwise
  )
$$;

-- Where the organisation counts its days.
CREATE FUNCTION programme_health.time_zone(of_organisation text) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT coalesce(
    (
      SELECT f.value FROM programme_health.facts AS f
       WHERE f.organisation = of_organisation AND f.kind = 'organisation' AND f.id = '' AND f.what = 'time_zone'
       LIMIT 1
    ),
    'UTC'
  )
$$;

CREATE FUNCTION programme_health.cycles_on(of_organisation text, on_day date, known_at bigint)
RETURNS TABLE (cycle_id text, parent_id text, starts_on date, ends_on date, state text)
LANGUAGE sql STABLE AS $$
  SELECT n.id,
         max(n.value) FILTER (WHERE n.what = 'parent'),
         split_part(max(n.value) FILTER (WHERE n.what = 'days'), '/', 1)::date,
         split_part(max(n.value) FILTER (WHERE n.what = 'days'), '/', 2)::date,
         max(n.value) FILTER (WHERE n.what = 'state')
    FROM programme_health.newest(of_organisation, 'cycle', on_day, known_at) AS n
   GROUP BY n.id
$$;

-- The chart: layer is the depth below the root, a department a unit of layer 1 with all below it. Moves that were dated
-- back may have made a circle: 100 layers are the end.
CREATE FUNCTION programme_health.units_on(of_organisation text, on_day date, known_at bigint)
RETURNS TABLE (unit_id text, parent_id text, name text, lead_id text, closed boolean, layer integer, department_id text)
LANGUAGE sql STABLE AS $$
  WITH RECURSIVE units AS MATERIALIZED (
    SELECT n.id AS unit_id,
           max(n.value) FILTER (WHERE n.what = 'parent') AS parent_id,
           max(n.value) FILTER (WHERE n.what = 'name') AS name,
           max(n.value) FILTER (WHERE n.what = 'lead') AS lead_id,
           max(n.value) FILTER (WHERE n.what = 'closed') IS NOT NULL AS closed
      FROM programme_health.newest(of_organisation, 'unit', on_day, known_at) AS n
     GROUP BY n.id
  ),

  chart AS (
    SELECT u.unit_id, 0 AS layer, NULL::text AS department_id FROM units AS u WHERE u.parent_id IS NULL
    UNION ALL
    SELECT u.unit_id, c.layer + 1, coalesce(c.department_id, u.unit_id)
      FROM chart AS c
      JOIN units AS u ON u.parent_id = c.unit_id
     WHERE c.layer < 100
  )

  SELECT u.unit_id, u.parent_id, u.name, u.lead_id, u.closed, c.layer, c.department_id
    FROM chart AS c
    JOIN units AS u USING (unit_id)
$$;

-- Everybody, also those who left, with the units that they are in; home_id is the primary one.
CREATE FUNCTION programme_health.people_on(of_organisation text, on_day date, known_at bigint)
RETURNS TABLE (
  person_id text, active boolean, placeholder boolean, manager_id text, unit_ids text [], home_id text
)
LANGUAGE sql STABLE AS $$
  SELECT p.person_id, p.state = 'active', p.placeholder = 'true', p.manager_id, coalesce(m.unit_ids, '{}'), m.home_id
    FROM (
      SELECT n.id AS person_id,
             max(n.value) FILTER (WHERE n.what = 'state') AS state,
             max(n.value) FILTER (WHERE n.what = 'placeholder') AS placeholder,
             max(n.value) FILTER (WHERE n.what = 'manager') AS manager_id
        FROM programme_health.newest(of_organisation, 'person', on_day, known_at) AS n
       GROUP BY n.id
    ) AS p
    LEFT JOIN (
      SELECT n.id AS person_id,
             array_agg(n.what ORDER BY n.what) AS unit_ids,
             (array_agg(n.what ORDER BY n.value = 'primary' DESC, n.effective_on DESC, n.sequence DESC))[1] AS home_id
        FROM programme_health.newest(of_organisation, 'membership', on_day, known_at) AS n
       WHERE n.value IS NOT NULL
       GROUP BY n.id
    ) AS m USING (person_id)
$$;

-- Every objective with the unit that it is counted in: the owning one, or the primary one of the person who owns it. It
-- is live until it is abandoned or carried over, or its cycle is closed.
CREATE FUNCTION programme_health.objectives_on(of_organisation text, on_day date, known_at bigint)
RETURNS TABLE (
  objective_id text, cycle_id text, owner_kind text, owner_id text, unit_id text, top_level boolean,
  restricted_at text, ended text, live boolean, words text, signals text
)
LANGUAGE sql STABLE AS $$
  SELECT o.objective_id, o.cycle_id, split_part(o.owner, '/', 1), split_part(o.owner, '/', 2),
         CASE WHEN o.owner LIKE 'unit/%' THEN split_part(o.owner, '/', 2) ELSE p.home_id END,
         o.top_level = 'true' OR o.owner IN (
           SELECT 'unit/' || n.id FROM programme_health.newest(of_organisation, 'unit', on_day, known_at) AS n
            WHERE n.what = 'parent' AND n.value IS NULL
         ),
         o.restricted_at, o.ended, o.ended IS NULL AND c.state IS DISTINCT FROM 'closed', o.words, o.signals
    FROM (
      SELECT n.id AS objective_id,
             max(n.value) FILTER (WHERE n.what = 'cycle') AS cycle_id,
             max(n.value) FILTER (WHERE n.what = 'owner') AS owner,
             max(n.value) FILTER (WHERE n.what = 'top_level') AS top_level,
             max(n.value) FILTER (WHERE n.what = 'restricted') AS restricted_at,
             max(n.value) FILTER (WHERE n.what = 'ended') AS ended,
             max(n.value) FILTER (WHERE n.what = 'words') AS words,
             max(n.value) FILTER (WHERE n.what = 'signals') AS signals
        FROM programme_health.newest(of_organisation, 'objective', on_day, known_at) AS n
       GROUP BY n.id
    ) AS o
    LEFT JOIN programme_health.cycles_on(of_organisation, on_day, known_at) AS c USING (cycle_id)
    LEFT JOIN programme_health.people_on(of_organisation, on_day, known_at) AS p
      ON o.owner LIKE 'person/%' AND p.person_id = split_part(o.owner, '/', 2)
$$;

-- Every key result, with its objective's place; it is live while that is and it is not dropped.
CREATE FUNCTION programme_health.key_results_on(of_organisation text, on_day date, known_at bigint)
RETURNS TABLE (
  key_result_id text, objective_id text, cycle_id text, owner_kind text, owner_id text, unit_id text,
  responsible_id text, fed_by_children boolean, created_on date, definition jsonb, live boolean, words text,
  signals text
)
LANGUAGE sql STABLE AS $$
  SELECT k.key_result_id, k.objective_id, o.cycle_id, o.owner_kind, o.owner_id, o.unit_id, k.responsible_id,
         k.source IS NOT NULL, k.created_on, k.definition::jsonb, k.ended IS NULL AND o.live, k.words, k.signals
    FROM (
      SELECT n.id AS key_result_id,
             max(n.value) FILTER (WHERE n.what = 'objective') AS objective_id,
             max(n.value) FILTER (WHERE n.what = 'responsible') AS responsible_id,
             max(n.value) FILTER (WHERE n.what = 'source') AS source,
             max(n.effective_on) FILTER (WHERE n.what = 'objective') AS created_on,
             max(n.value) FILTER (WHERE n.what = 'definition') AS definition,
             max(n.value) FILTER (WHERE n.what = 'ended') AS ended,
             max(n.value) FILTER (WHERE n.what = 'words') AS words,
             max(n.value) FILTER (WHERE n.what = 'signals') AS signals
        FROM programme_health.newest(of_organisation, 'key_result', on_day, known_at) AS n
       GROUP BY n.id
    ) AS k
    JOIN programme_health.objectives_on(of_organisation, on_day, known_at) AS o USING (objective_id)
$$;

-- Check-ins as they stand, each once: on its day after corrections, recorded when it was first.
CREATE FUNCTION programme_health.check_ins_on(of_organisation text, on_day date, known_at bigint)
RETURNS TABLE (
  key_result_id text, check_in_id text, effective_on date, recorded_at timestamptz, imported boolean, actor_id text,
  value numeric
)
LANGUAGE sql STABLE AS $$
  SELECT said.key_result_id, said.check_in_id, said.effective_on,
         CASE WHEN said.corrects THEN (
           SELECT min(c.recorded_at) FROM programme_health.check_ins AS c
            WHERE c.organisation = of_organisation AND c.key_result_id = said.key_result_id
              AND c.check_in_id = said.check_in_id
         ) ELSE said.recorded_at END,
         said.imported, said.actor_id, said.value
    FROM (
      SELECT DISTINCT ON (c.key_result_id, c.check_in_id)
             c.key_result_id, c.check_in_id, c.effective_on, c.recorded_at, c.corrects, c.withdrawn, c.imported,
             c.actor_id, c.value
        FROM programme_health.check_ins AS c
       WHERE c.organisation = of_organisation AND c.sequence <= known_at
       ORDER BY c.key_result_id DESC, c.check_in_id DESC, c.sequence DESC
    ) AS said
   WHERE NOT said.withdrawn AND said.effective_on <= on_day
$$;

-- The stretches of a live key result within its cycle in which check-ins are due at one interval: from the later of the
-- cycle's first day and its own creation, or from the day on which the cadence changed. Only open and locked cycles.
CREATE FUNCTION programme_health.grids_on(of_organisation text, on_day date, known_at bigint)
RETURNS TABLE (
  key_result_id text, cycle_id text, unit_id text, responsible_id text, from_on date, until_on date, cadence integer
)
LANGUAGE sql STABLE AS $$
  SELECT k.key_result_id, k.cycle_id, k.unit_id, k.responsible_id, g.from_on,
         coalesce(
           lead(g.from_on) OVER (PARTITION BY k.key_result_id ORDER BY g.effective_on) - 1, g.ends_on
         ),
         g.cadence
    FROM programme_health.key_results_on(of_organisation, on_day, known_at) AS k
    JOIN (
      SELECT said.id, said.effective_on, said.value::integer AS cadence, c.cycle_id, c.ends_on,
             greatest(said.effective_on, c.starts_on) AS from_on
        FROM (
          SELECT DISTINCT ON (f.id, f.effective_on) f.id, f.effective_on, f.value
            FROM programme_health.facts AS f
           WHERE f.organisation = of_organisation AND f.kind = 'cadence' AND f.effective_on <= on_day
             AND f.sequence <= known_at
           ORDER BY f.id DESC, f.effective_on DESC, f.sequence DESC
        ) AS said
       CROSS JOIN programme_health.cycles_on(of_organisation, on_day, known_at) AS c
       WHERE c.state IN ('open', 'locked')
    ) AS g ON g.id = k.key_result_id AND g.cycle_id = k.cycle_id
   WHERE k.live AND NOT k.fed_by_children
$$;

-- Who is concerned by an announcement: the active people in its units and below, and those whom it names; everybody
-- where it names nobody. kept says whether who saw it is still known.
CREATE FUNCTION programme_health.concerned_on(of_organisation text, on_day date, known_at bigint)
RETURNS TABLE (announcement_id text, announced text, person_id text, unit_ids text [], kept boolean)
LANGUAGE sql STABLE AS $$
  WITH RECURSIVE announcements AS (
    SELECT n.id, n.value::jsonb AS said
      FROM programme_health.newest(of_organisation, 'announcement', on_day, known_at) AS n
  ),

  units AS MATERIALIZED (
    SELECT u.unit_id, u.parent_id FROM programme_health.units_on(of_organisation, on_day, known_at) AS u
  ),

  reached AS (
    SELECT a.id, named.unit_id
      FROM announcements AS a
     CROSS JOIN LATERAL jsonb_array_elements_text(a.said -> 'audience' -> 'unit_ids') AS named (unit_id)
     UNION
    SELECT r.id, u.unit_id FROM reached AS r JOIN units AS u ON u.parent_id = r.unit_id
  ),

  people AS MATERIALIZED (
    SELECT p.person_id, p.unit_ids
      FROM programme_health.people_on(of_organisation, on_day, known_at) AS p
     WHERE p.active AND NOT p.placeholder
  ),

  pairs AS (
    SELECT a.id, p.person_id
      FROM announcements AS a CROSS JOIN people AS p
     WHERE jsonb_array_length(a.said -> 'audience' -> 'unit_ids') = 0
       AND jsonb_array_length(a.said -> 'audience' -> 'person_ids') = 0
     UNION
    SELECT a.id, named.person_id
      FROM announcements AS a
     CROSS JOIN LATERAL jsonb_array_elements_text(a.said -> 'audience' -> 'person_ids') AS named (person_id)
     UNION
    SELECT r.id, m.person_id
      FROM (SELECT p.person_id, unnest(p.unit_ids) AS unit_id FROM people AS p) AS m
      JOIN reached AS r USING (unit_id)
  )

  SELECT pairs.id, a.said ->> 'kind', pairs.person_id, p.unit_ids,
         (a.said ->> 'at')::timestamptz::date
           >= on_day - (SELECT programme_health.setting(of_organisation, on_day, known_at, 'views_kept_days', 90))
    FROM pairs
    JOIN people AS p USING (person_id)
    JOIN announcements AS a USING (id)
$$;

-- How many messages of an announcement were sent and delivered, and how many people saw it, each where there are any.
CREATE FUNCTION programme_health.messages_on(of_organisation text, on_day date, known_at bigint)
RETURNS TABLE (announcement_id text, announced text, outcome text, counted integer)
LANGUAGE sql STABLE AS $$
  SELECT n.id, n.value::jsonb ->> 'kind', counts.outcome, counts.counted
    FROM programme_health.newest(of_organisation, 'announcement', on_day, known_at) AS n
   CROSS JOIN LATERAL (
     SELECT 'sent' AS outcome, (n.value::jsonb ->> 'sent')::integer AS counted
      UNION ALL
     SELECT 'delivered', (n.value::jsonb ->> 'delivered')::integer
      UNION ALL
     SELECT 'seen', (
       SELECT sum(v.people) FROM programme_health.view_counts AS v
        WHERE v.organisation = of_organisation AND v.announcement_id = n.id AND v.effective_on <= on_day
          AND v.sequence <= known_at
     )::integer
   ) AS counts
   WHERE counts.counted > 0
$$;

-- What a figure counts: something with an outcome, in the units that it counts in. counted is how many it stands for,
-- measure a number of which the median is shown.
CREATE TYPE programme_health.member AS (
  kind text, id text, cycle_id text, unit_ids text [], outcome text, counted integer, measure numeric, detail jsonb
);
