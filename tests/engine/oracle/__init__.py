"""An independent oracle: random SOPs, and a token interpreter from the BPMN rules and the contract.

Nothing here but `compare` imports `app.engine`, and nothing imports SpiffWorkflow: agreement is worth
something only between two who have not copied from each other.
"""
