-- Adds the words of nodes from a day on.
INSERT INTO progress.words (
  organisation,
  kind,
  id,
  effective_on,
  sequence,
  title,
  description
)
SELECT
  organisation,
  kind,
  id,
  effective_on,
  sequence,
  title,
  description
FROM unnest(
  $1::text [],
  $2::text [],
  $3::text [],
  $4::date [],
  $5::bigint [],
  $6::text [],
  $7::text []
) AS made (
  organisation,
  kind,
  id,
  effective_on,
  sequence,
  title,
  description
);
