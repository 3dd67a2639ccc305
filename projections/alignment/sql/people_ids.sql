-- The ids of a page of the people who exist on day $2, known at $3, after the id $4.
SELECT p.person_id
  FROM alignment.people AS p
 WHERE p.organisation = $1 AND p.effective_on <= $2 AND p.sequence <= $3 AND p.person_id > $4
 ORDER BY p.person_id
 LIMIT $5
