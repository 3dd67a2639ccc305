-- How many views event $3 recorded, and of how many people for the first time.
INSERT INTO programme_health.view_counts (organisation, announcement_id, sequence, effective_on, seen, people)
VALUES ($1, $2, $3, $4, $5, $6)
