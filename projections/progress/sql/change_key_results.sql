-- Writes the values in force and numbers of key results.
UPDATE progress.key_results AS standing SET
  value = made.value,
  value_on = made.value_on,
  value_first_sequence = made.value_first_sequence,
  value_sequence = made.value_sequence,
  raw = made.raw::numeric,
  progress = made.progress::numeric,
  measured = made.measured::numeric,
  no_inputs = made.no_inputs
FROM unnest(
  string_to_array($1, ',', ''),
  string_to_array($2, ',', ''),
  string_to_array($3, ',', ''),
  string_to_array($4, ',', '')::date [],
  string_to_array($5, ',', '')::bigint [],
  string_to_array($6, ',', '')::bigint [],
  string_to_array($7, ',', ''),
  string_to_array($8, ',', ''),
  string_to_array($9, ',', ''),
  string_to_array($10, ',', '')::boolean []
) AS made (
  organisation,
  key_result_id,
  value,
  value_on,
  value_first_sequence,
  value_sequence,
  raw,
  progress,
  measured,
  no_inputs
)
WHERE
  standing.organisation = made.organisation
  AND standing.key_result_id = made.key_result_id;
