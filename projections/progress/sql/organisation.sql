-- The latest day that any event of an organisation ($1) is about; no row before its first event.
SELECT latest_on
FROM progress.organisations
WHERE organisation = $1;
