-- Adds organisations.
INSERT INTO progress.organisations (
  organisation,
  time_zone,
  latest_on,
  sequence
)
SELECT
  organisation,
  time_zone,
  latest_on,
  sequence
FROM unnest(
  $1::text [],
  $2::text [],
  $3::date [],
  $4::bigint []
) AS made (
  organisation,
  time_zone,
  latest_on,
  sequence
);
