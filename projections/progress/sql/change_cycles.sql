-- Opens cycles.
UPDATE progress.cycles AS standing SET
  opened_on = made.opened_on,
  opened_sequence = made.opened_sequence
FROM unnest(
  $1::text [],
  $2::text [],
  $3::date [],
  $4::bigint []
) AS made (
  organisation,
  cycle_id,
  opened_on,
  opened_sequence
)
WHERE
  standing.organisation = made.organisation
  AND standing.cycle_id = made.cycle_id;
