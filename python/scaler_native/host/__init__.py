"""The worker host: one process that has Scaler imported and forks workers on request.

`boot` starts it, `interpreter` makes it ready to be shared, `server` is its loop, `children` are
the workers that it made, `launch` and `fork` are how, and `outbox` is what it has to tell the manager.
`worker` is what a worker does beside being Scaler's, with its `settings` and `reports`. `parent` is the
process that forks a worker's processors, `popen` stands for them in the worker, `line` is how these two
talk, and `gate` puts processors off for workers that are on their way. `processor` is what a processor
does, and `stacks` has it tell what it is doing. `release` is the only module that knows the installed Scaler. `protocol` is how the host talks.

Where a worker's agent is in the manager, `native` is the host's side of it. `supervisor` is the worker's process, `lean` how that is
forked, and `recipe` how a processor is made in it. `facts` and `messages` tell the manager what release it stands in for.
"""
