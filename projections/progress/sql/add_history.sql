-- Adds the numbers that nodes had after events.
INSERT INTO progress.history (
  organisation,
  kind,
  id,
  sequence,
  raw,
  progress,
  measured,
  computed,
  no_inputs
)
SELECT
  organisation,
  kind,
  id,
  sequence,
  raw::numeric,
  progress::numeric,
  measured::numeric,
  computed::numeric,
  no_inputs
FROM unnest(
  $1::text [],
  $2::text [],
  $3::text [],
  $4::bigint [],
  $5::text [],
  $6::text [],
  $7::text [],
  $8::text [],
  $9::boolean []
) AS made (
  organisation,
  kind,
  id,
  sequence,
  raw,
  progress,
  measured,
  computed,
  no_inputs
);
