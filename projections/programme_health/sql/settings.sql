-- What organisation $1 has chosen, in force on day $2, known at $3; nothing where it never chose.
SELECT f.value FROM programme_health.facts AS f
 WHERE f.organisation = $1 AND f.kind = 'organisation' AND f.id = '' AND f.what = 'settings'
   AND f.effective_on <= $2 AND f.sequence <= $3
 ORDER BY f.effective_on DESC, f.sequence DESC LIMIT 1
