-- Every cycle that is planned on day $2, known at $3, and whether it has been opened.
SELECT c.cycle_id, c.parent_id,
       EXISTS (
         SELECT FROM alignment.openings AS o
          WHERE o.organisation = $1 AND o.cycle_id = c.cycle_id AND o.effective_on <= $2 AND o.sequence <= $3
       ) AS opened
  FROM alignment.cycles AS c
 WHERE c.organisation = $1 AND c.sequence <= $3
