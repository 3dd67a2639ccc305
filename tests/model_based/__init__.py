"""Random commands of the whole domain against the real system; all that it then says is recomputed."""
