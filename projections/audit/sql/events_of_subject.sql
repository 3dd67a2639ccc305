-- As events_of_all, of those about subject $9 alone: an index leads to them.
SELECT a.sequence, a.changes, a.earlier_words, e.entry, e.data, e.text AS words
  FROM audit.event_subjects AS s
  JOIN audit.events AS a ON a.organisation = s.organisation AND a.sequence = s.sequence
  JOIN ledger.events AS e ON e.organisation = s.organisation AND e.sequence = s.sequence
 WHERE s.organisation = $1 AND s.subject = $9 AND s.sequence > $2 AND s.sequence <= $3
   AND ($4::text IS NULL OR a.type = $4)
   AND ($5::text IS NULL OR a.actor_kind = $5)
   AND ($6::text IS NULL OR a.actor_id = $6 OR a.on_behalf_of = $6)
   AND NOT EXISTS (
     SELECT FROM unnest($7::text []) AS wanted (word)
      WHERE NOT EXISTS (
        SELECT FROM jsonb_each_text(convert_from(e.text, 'UTF8')::jsonb) AS said (field, words)
         WHERE said.field <> 'import_source_digest' AND strpos(lower(said.words), lower(wanted.word)) > 0
      )
   )
 ORDER BY s.sequence
 LIMIT $8
