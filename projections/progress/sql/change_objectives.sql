-- Writes what counts of objectives, and their numbers; changed_at stays where the numbers did.
UPDATE progress.objectives AS standing SET
  roll_up = made.roll_up,
  roll_up_on = made.roll_up_on,
  override = made.override::numeric,
  override_on = made.override_on,
  progress = made.progress::numeric,
  measured = made.measured::numeric,
  computed = made.computed::numeric,
  no_inputs = made.no_inputs,
  changed_at = coalesce(made.changed_at, standing.changed_at)
FROM unnest(
  $1::text [],
  $2::text [],
  $3::text [],
  $4::date [],
  $5::text [],
  $6::date [],
  $7::text [],
  $8::text [],
  $9::text [],
  $10::boolean [],
  $11::bigint []
) AS made (
  organisation,
  objective_id,
  roll_up,
  roll_up_on,
  override,
  override_on,
  progress,
  measured,
  computed,
  no_inputs,
  changed_at
)
WHERE
  standing.organisation = made.organisation
  AND standing.objective_id = made.objective_id;
