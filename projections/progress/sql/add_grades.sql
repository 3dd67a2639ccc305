-- Adds grades and their corrections.
INSERT INTO progress.grades (
  organisation,
  kind,
  id,
  effective_on,
  sequence,
  grade,
  proposed,
  reflection,
  reason,
  corrected,
  actor_kind,
  actor_id,
  recorded_at
)
SELECT
  organisation,
  kind,
  id,
  effective_on,
  sequence,
  grade::numeric,
  proposed::numeric,
  reflection,
  reason,
  corrected,
  actor_kind,
  actor_id,
  recorded_at
FROM unnest(
  $1::text [],
  $2::text [],
  $3::text [],
  $4::date [],
  $5::bigint [],
  $6::text [],
  $7::text [],
  $8::text [],
  $9::text [],
  $10::boolean [],
  $11::text [],
  $12::text [],
  $13::timestamptz []
) AS made (
  organisation,
  kind,
  id,
  effective_on,
  sequence,
  grade,
  proposed,
  reflection,
  reason,
  corrected,
  actor_kind,
  actor_id,
  recorded_at
);
