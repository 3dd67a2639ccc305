-- Announcements: sent, delivered, seen of those concerned, and what it led to within days.
CREATE FUNCTION programme_health.reach(of_organisation text, on_day date, known_at bigint)
RETURNS SETOF programme_health.member
LANGUAGE sql STABLE ROWS 100000
SET enable_nestloop = off SET work_mem = '64MB' SET jit = off AS $$
  WITH seen AS MATERIALIZED (
    SELECT v.announcement_id, v.person_id, v.seen_at FROM programme_health.views AS v
     WHERE v.organisation = of_organisation AND v.sequence <= known_at
       AND (v.seen_at AT TIME ZONE (SELECT programme_health.time_zone(of_organisation)))::date <= on_day
  ),

  acts AS (
    SELECT f.id AS person_id, f.value::timestamptz AS acted_at, f.sequence FROM programme_health.facts AS f
     WHERE f.organisation = of_organisation AND f.kind = 'act' AND f.effective_on <= on_day AND f.sequence <= known_at
     UNION ALL
    SELECT c.actor_id, c.recorded_at, c.sequence FROM programme_health.check_ins AS c
     WHERE c.organisation = of_organisation AND NOT c.corrects AND NOT c.imported AND c.effective_on <= on_day
       AND c.sequence <= known_at AND c.recorded_at >= (SELECT min(seen.seen_at) FROM seen)
  ),

  -- Each act is counted for the newest announcement that the person had seen, and for no other.
  led AS (
    SELECT newest.announcement_id, newest.person_id, count(*) AS led_to
      FROM (
        SELECT DISTINCT ON (acts.sequence) acts.sequence, seen.announcement_id, seen.person_id
          FROM acts
          JOIN seen USING (person_id)
         WHERE seen.seen_at <= acts.acted_at
           AND seen.seen_at >= acts.acted_at - make_interval(
             days => (SELECT programme_health.setting(of_organisation, on_day, known_at, 'reach_within_days', 7))
           )
         ORDER BY acts.sequence, seen.seen_at DESC, seen.announcement_id
      ) AS newest
     GROUP BY newest.announcement_id, newest.person_id
  )

  SELECT 'person', c.person_id, NULL::text, c.unit_ids,
         CASE
           WHEN led.led_to > 0 THEN 'led_to_action' WHEN seen.person_id IS NOT NULL THEN 'seen' ELSE 'not_seen'
         END,
         1, NULL::numeric,
         jsonb_build_object(
           'announcement_id', c.announcement_id, 'kind', c.announced, 'actions', coalesce(led.led_to, 0)
         )
    FROM programme_health.concerned_on(of_organisation, on_day, known_at) AS c
    LEFT JOIN seen ON seen.announcement_id = c.announcement_id AND seen.person_id = c.person_id
    LEFT JOIN led ON led.announcement_id = c.announcement_id AND led.person_id = c.person_id
   WHERE c.kept

   UNION ALL
  SELECT 'announcement', m.announcement_id, NULL, '{}', m.outcome, m.counted, NULL,
         jsonb_build_object('kind', m.announced)
    FROM programme_health.messages_on(of_organisation, on_day, known_at) AS m
$$;
