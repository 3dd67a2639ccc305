"""
The plain recomputation: every figure of one organisation from nothing but its events, again from scratch each time.

It is an oracle. It was written from the domain page alone, shares no code with what it judges, and prefers being
obviously right to being quick: whole lists, fractions, one rounding per node. A test holds that it imports nothing of
the project. Events are JSON objects as the query API gives them.

Where the domain page leaves something open, it reads as follows:

1. An objective or key result is a node from the day that it was created on; a key result needs its objective too.
2. Creations, links, roll-ups, overrides and definitions hold by (effective_on, sequence): the latest one that is not
   after the asked day and not after the known sequence. The days and thresholds of a cycle hold by sequence alone.
3. Check-ins are read as their newest correction known has them, whenever that correction was made; a withdrawal too
   needs only to be known. So "was true on 1 March, as corrected since" is the asked day with the newest sequence.
4. After a change of kind or unit, check-ins are judged by the sequence of the check-in itself, not of a correction of
   it; the change that counts is the last one in force, by the order of days. A ``restated_value`` counts
   wherever one is given, also where kind and unit stay: what is on the record is never left aside in silence.
5. A value that cannot be of the kind (true or false of a number, a number of yes or no) is no value of it.
6. ``raw`` belongs to key results with a value in force; an objective, and a key result fed by children, has none.
7. An input in another cycle than what it feeds counts once its own cycle is opened. After a cycle's end its nodes count
   with the number that they show.
8. A key result fed by children has the pace of its own kind; only an objective has the mean of its inputs. An objective
   with nothing that counts has the pace of its own days, so that an override of it has a status.
9. Whoever was created after the cycle's end is expected to be at 1; before the cycle's start everything is at 0.
10. Status compares the shown numbers, ``raw`` too. Where nothing is expected yet, a negative raw is off track.
11. A flag ``stale`` is of key results with check-ins; any check-in that is not withdrawn counts, with or without a
    value, also from before a change of kind. Where there is none yet, days count from the start; after the cycle's end
    nothing more is due, and the flag stays as it was.
12. An overridden objective always counts above; it never has ``no_inputs``.
13. A link is drawn by the rule of its parent: one that the rule or the source leaves out is no input at all. Inputs of
    weight 0, without inputs of their own, or of a cycle that is not open are listed with the reason.
14. Credit ends at the first top-level objective on each path, so that one result is never counted twice.
15. Audit: what an event ends goes back to null; before and after are in the order of recording.

``explanations`` stands apart: it has no events, and computes an answer again from what that answer explains.

A back-dated import can draw a circle that never existed in the order of recording: it is refused here, by ``Circle``.
"""

from tests.plain_recomputation.alignment import Alignment, Credit, recompute_alignment
from tests.plain_recomputation.audit import Change, recompute_changes
from tests.plain_recomputation.event import NotRecomputed
from tests.plain_recomputation.health import Outcomes, recompute_health
from tests.plain_recomputation.node import Input, Node, NodeKey, Nodes, shown
from tests.plain_recomputation.progress import Circle, recompute

__all__ = [
    "Alignment",
    "Change",
    "Circle",
    "Credit",
    "Input",
    "Node",
    "NodeKey",
    "Nodes",
    "NotRecomputed",
    "Outcomes",
    "recompute",
    "recompute_alignment",
    "recompute_changes",
    "recompute_health",
    "shown",
]
