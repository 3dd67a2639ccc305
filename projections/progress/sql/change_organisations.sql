-- Moves where the live numbers of an organisation stand; the latest day that any event is about never goes back.
UPDATE progress.organisations AS standing SET
  latest_on = greatest(standing.latest_on, made.latest_on),
  sequence = made.sequence
FROM unnest(
  string_to_array($1::text, ',', ''),
  string_to_array($2, ',', '')::date [],
  string_to_array($3, ',', '')::bigint []
) AS made (
  organisation,
  latest_on,
  sequence
)
WHERE
  standing.organisation = made.organisation;
