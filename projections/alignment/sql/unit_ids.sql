-- The ids of a page of the units that exist on day $2, known at $3, after the id $4.
SELECT u.unit_id
  FROM alignment.units AS u
 WHERE u.organisation = $1 AND u.effective_on <= $2 AND u.sequence <= $3 AND u.unit_id > $4
 ORDER BY u.unit_id
 LIMIT $5
