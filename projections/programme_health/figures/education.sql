-- Trainings: who was concerned, saw the announcement, and finished. Any recorded action of a training is its end.
CREATE FUNCTION programme_health.education(of_organisation text, on_day date, known_at bigint)
RETURNS SETOF programme_health.member
LANGUAGE sql STABLE ROWS 100000
SET enable_nestloop = off SET work_mem = '64MB' SET jit = off AS $$
  SELECT 'person', c.person_id, NULL::text, c.unit_ids,
         CASE
           WHEN done.id IS NOT NULL THEN 'finished' WHEN v.person_id IS NOT NULL THEN 'seen' ELSE 'not_seen'
         END,
         1, NULL::numeric, jsonb_build_object('announcement_id', c.announcement_id)
    FROM programme_health.concerned_on(of_organisation, on_day, known_at) AS c
    LEFT JOIN (
      SELECT DISTINCT n.id, split_part(n.what, '/', 1) AS announcement_id
        FROM programme_health.newest(of_organisation, 'action', on_day, known_at) AS n
    ) AS done ON done.id = c.person_id AND done.announcement_id = c.announcement_id
    LEFT JOIN programme_health.views AS v
      ON v.organisation = of_organisation AND v.announcement_id = c.announcement_id AND v.person_id = c.person_id
     AND v.sequence <= known_at
     AND (v.seen_at AT TIME ZONE (SELECT programme_health.time_zone(of_organisation)))::date <= on_day
   WHERE c.announced = 'training' AND (c.kept OR done.id IS NOT NULL)
   UNION ALL
  SELECT 'announcement', m.announcement_id, NULL, '{}', m.outcome, m.counted, NULL,
         jsonb_build_object('kind', m.announced)
    FROM programme_health.messages_on(of_organisation, on_day, known_at) AS m
   WHERE m.announced = 'training'
$$;
