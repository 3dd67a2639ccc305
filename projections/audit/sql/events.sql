-- At most $9 events of organisation $1 after sequence $2 and up to $3, oldest first, with their exact bytes; those about
-- subject $4, of type $5, by actor $6 / $7 (or on behalf of $7) and with all the words $8, each unless it is null.
SELECT a.sequence, a.changes, a.earlier_words, e.entry, e.data, e.text AS words
  FROM (
    SELECT listed.sequence FROM audit.events AS listed
     WHERE $4::text IS NULL AND listed.organisation = $1 AND listed.sequence > $2 AND listed.sequence <= $3
    UNION ALL
    SELECT s.sequence FROM audit.event_subjects AS s
     WHERE s.organisation = $1 AND s.subject = $4 AND s.sequence > $2 AND s.sequence <= $3
  ) AS candidate
  JOIN audit.events AS a ON a.organisation = $1 AND a.sequence = candidate.sequence
  JOIN ledger.events AS e ON e.organisation = $1 AND e.sequence = candidate.sequence
 WHERE ($5::text IS NULL OR a.type = $5)
   AND ($6::text IS NULL OR a.actor_kind = $6)
   AND ($7::text IS NULL OR a.actor_id = $7 OR a.on_behalf_of = $7)
   AND NOT EXISTS (
     SELECT FROM unnest($8::text []) AS wanted (word)
      WHERE NOT EXISTS (
        SELECT FROM jsonb_each_text(convert_from(e.text, 'UTF8')::jsonb) AS said (field, words)
         WHERE said.field <> 'import_source_digest' AND strpos(lower(said.words), lower(wanted.word)) > 0
      )
   )
 ORDER BY candidate.sequence
 LIMIT $9
