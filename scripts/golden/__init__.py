"""Golden frames: what an installed release of Scaler sends, for values that we know.

`manager` makes the messages of a worker manager, `agent` those of a worker's agent, and `published` those that a
scheduler publishes to its monitors. `manager_messages` and `agent_messages` are the values, `values` says how they are
written in JSON.
"""
