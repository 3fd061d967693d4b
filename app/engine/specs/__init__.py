"""What each BPMN element does when a token reaches it: SpiffWorkflow's task specs, put right.

SpiffWorkflow gives the task tree, the sub-workflows and the event registry. Three things are ours throughout:
the tree holds only live tokens (finished tasks leave it at once and nothing is predicted, so neither a loop
nor a parallel block can make it grow), joins count waiting tokens per incoming flow, and every value lives
in our own variables instead of `task.data`.
"""

from __future__ import annotations

import logging

for _noisy in ("spiff.task", "spiff.workflow"):
    logging.getLogger(_noisy).setLevel(logging.WARNING)
