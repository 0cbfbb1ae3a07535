"""The worker host: one process that has Scaler imported and forks workers and processors on request.

`boot` starts it, `server` is its loop, `fork` makes a child, `release` is the only
module that knows the installed Scaler, `worker` and `processor` are what a forked
child runs, `fresh` is a worker in an interpreter of its own where forking is not
possible, and `protocol` is how all of them and the manager talk.
"""
