-- Writes whether objectives have ended.
UPDATE progress.objectives AS standing SET
  ended = made.ended,
  ended_on = made.ended_on
FROM unnest(
  $1::text [],
  $2::text [],
  $3::text [],
  $4::date []
) AS made (
  organisation,
  objective_id,
  ended,
  ended_on
)
WHERE
  standing.organisation = made.organisation
  AND standing.objective_id = made.objective_id;
