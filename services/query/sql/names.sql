-- The names and addresses of the people asked for; those who were erased have neither.
SELECT p.person_id, p.name, p.email
  FROM directory.people AS p
 WHERE p.organisation = $1 AND p.person_id = ANY ($2::text [])
