-- At most $9 access records of organisation $1, of actor $2 and subject $3 where those are not null, newest day first,
-- beyond day $4, actor $5, what $6, subject $7 and address $8.
SELECT r.on_day, r.actor, r.what, r.subject, r.address, r.first_at, r.last_at, r.times
  FROM ledger.access_records AS r
 WHERE r.organisation = $1
   AND ($2::text IS NULL OR r.actor = $2)
   AND ($3::text IS NULL OR r.subject = $3)
   AND (
     r.on_day < $4::date
     OR (r.on_day = $4::date AND (r.actor, r.what, r.subject, r.address) > ($5::text, $6::text, $7::text, $8::text))
   )
 ORDER BY r.on_day DESC, r.actor ASC, r.what ASC, r.subject ASC, r.address ASC
 LIMIT $9
