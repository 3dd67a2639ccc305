-- Adds what was decided about nodes and cycles.
INSERT INTO progress.decisions (
  organisation,
  kind,
  id,
  what,
  effective_on,
  sequence,
  value
)
SELECT
  organisation,
  kind,
  id,
  what,
  effective_on,
  sequence,
  value
FROM unnest(
  $1::text [],
  $2::text [],
  $3::text [],
  $4::text [],
  $5::date [],
  $6::bigint [],
  $7::text []
) AS made (
  organisation,
  kind,
  id,
  what,
  effective_on,
  sequence,
  value
);
