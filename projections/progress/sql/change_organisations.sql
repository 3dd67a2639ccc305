-- Moves the latest day that any event of an organisation is about; never back.
UPDATE progress.organisations AS standing SET
  latest_on = greatest(standing.latest_on, made.latest_on)
FROM unnest(
  string_to_array($1::text, ',', ''),
  string_to_array($2, ',', '')::date []
) AS made (
  organisation,
  latest_on
)
WHERE
  standing.organisation = made.organisation;
