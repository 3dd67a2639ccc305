-- Ends rows of links that a later word replaced.
UPDATE progress.links AS standing SET newest = false
FROM unnest(
  $1::text [],
  $2::text [],
  $3::text [],
  $4::text [],
  $5::date [],
  $6::bigint []
) AS made (
  organisation,
  parent_kind,
  parent_id,
  child_id,
  effective_on,
  sequence
)
WHERE
  standing.organisation = made.organisation
  AND standing.parent_kind = made.parent_kind
  AND standing.parent_id = made.parent_id
  AND standing.child_id = made.child_id
  AND standing.effective_on = made.effective_on
  AND standing.sequence = made.sequence;
