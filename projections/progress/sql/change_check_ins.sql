-- Ends versions of check-ins that another event superseded.
UPDATE progress.check_ins AS standing SET
  superseded_at = made.superseded_at
FROM unnest(
  $1::text [],
  $2::text [],
  $3::date [],
  $4::bigint [],
  $5::bigint [],
  $6::bigint []
) AS made (
  organisation,
  key_result_id,
  effective_on,
  first_sequence,
  sequence,
  superseded_at
)
WHERE
  standing.organisation = made.organisation
  AND standing.key_result_id = made.key_result_id
  AND standing.effective_on = made.effective_on
  AND standing.first_sequence = made.first_sequence
  AND standing.sequence = made.sequence;
