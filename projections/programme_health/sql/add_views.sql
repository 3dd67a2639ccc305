-- The people $4 saw announcement $2 of organisation $1 at $5, as event $3 says: who had not been known to have seen it.
-- A view that is older than they are kept is as one that never was, whether it was removed already or not.
INSERT INTO programme_health.views AS known (organisation, announcement_id, person_id, sequence, seen_at)
SELECT $1, $2, seen.person_id, $3, min(seen.seen_at)
  FROM unnest($4::text [], $5::timestamptz []) AS seen (person_id, seen_at)
 GROUP BY seen.person_id
    ON CONFLICT (organisation, announcement_id, person_id)
    DO UPDATE SET sequence = excluded.sequence, seen_at = excluded.seen_at
 WHERE known.seen_at < $6::timestamptz - make_interval(
   days => programme_health.setting($1, 'infinity', 9223372036854775807, 'views_kept_days', 90)
 )
RETURNING known.person_id
