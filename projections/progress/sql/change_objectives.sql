-- Writes what counts of objectives, and their numbers.
UPDATE progress.objectives AS standing SET
  roll_up = made.roll_up,
  roll_up_on = made.roll_up_on,
  override = made.override::numeric,
  override_on = made.override_on,
  progress = made.progress::numeric,
  measured = made.measured::numeric,
  computed = made.computed::numeric,
  no_inputs = made.no_inputs
FROM unnest(
  string_to_array($1, ',', ''),
  string_to_array($2, ',', ''),
  string_to_array($3, ',', ''),
  string_to_array($4, ',', '')::date [],
  string_to_array($5, ',', ''),
  string_to_array($6, ',', '')::date [],
  string_to_array($7, ',', ''),
  string_to_array($8, ',', ''),
  string_to_array($9, ',', ''),
  string_to_array($10, ',', '')::boolean []
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
  no_inputs
)
WHERE
  standing.organisation = made.organisation
  AND standing.objective_id = made.objective_id;
