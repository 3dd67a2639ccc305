-- Adds the numbers that nodes had after events.
INSERT INTO progress.history (
  organisation,
  kind,
  id,
  sequence,
  raw,
  progress,
  measured,
  computed,
  no_inputs
)
SELECT
  organisation,
  kind,
  id,
  sequence,
  raw::numeric,
  progress::numeric,
  measured::numeric,
  computed::numeric,
  no_inputs
FROM unnest(
  string_to_array($1, ',', ''),
  string_to_array($2, ',', ''),
  string_to_array($3, ',', ''),
  string_to_array($4, ',', '')::bigint [],
  string_to_array($5, ',', ''),
  string_to_array($6, ',', ''),
  string_to_array($7, ',', ''),
  string_to_array($8, ',', ''),
  string_to_array($9, ',', '')::boolean []
) AS made (
  organisation,
  kind,
  id,
  sequence,
  raw,
  progress,
  measured,
  computed,
  no_inputs
);
