-- Notes who ($2) read or was refused ($3) which subjects ($4) of organisation $1 at which address ($5).
SELECT ledger.note_access($1, $2, $3, $4::text [], $5)
