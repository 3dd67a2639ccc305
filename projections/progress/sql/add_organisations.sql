-- Adds organisations.
INSERT INTO progress.organisations (
  organisation,
  time_zone,
  latest_on
)
SELECT
  organisation,
  time_zone,
  latest_on
FROM unnest(
  $1::text [],
  $2::text [],
  $3::date []
) AS made (
  organisation,
  time_zone,
  latest_on
);
