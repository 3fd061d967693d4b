"""The engine: a function from (compiled SOP, state, answers) to a Step.

Only this room knows SpiffWorkflow.
"""
