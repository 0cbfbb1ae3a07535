"""The worker host: one process that has Scaler imported and forks workers and processors on request.

`boot` starts it, `interpreter` makes it ready to be shared, `server` is its loop, `children` are
the processes that it made, and `launch` and `fork` are how. `worker` is what a worker does beside being
Scaler's, with its `settings`; `waiting` puts off processors for workers that are on their way. `release` is
the only module that knows the installed Scaler. `protocol` is how all of them and the manager talk.
"""
