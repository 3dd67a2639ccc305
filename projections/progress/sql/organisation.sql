-- Where the live numbers of an organisation ($1) stand; no row before its first event.
SELECT
  latest_on,
  sequence
FROM progress.organisations
WHERE organisation = $1;
