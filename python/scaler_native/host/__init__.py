"""The worker host: one process that has imported Scaler once and forks workers on request.

The host itself:

- `loader`, `directory` and `boot` start it; `interpreter`, `immortal`, `generators` and `imported` prepare the
  interpreter for sharing it with forks (`rehearsal` and `counts` belong to `immortal`)
- `server` is its event loop, `children` the workers it has forked, `outbox` the messages for the manager, `protocol`
  the frames of both, `tracker` the resource tracker that all workers share
- `launch`, `fork` and `lean` start workers; `settings`, `loggers` and `title` are what a new process gets
- `release` and `section` know the installed Scaler; `facts`, `messages`, `semaphores` and `sockets` tell the manager
  about it

A worker whose agent is in the manager: `native` is the host's side, `supervisor` the worker's process, `recipe` makes
processors in it, and `held` and `spares` keep spare ones.

A worker that runs Scaler's own agent: `worker`, with `reports` for the manager. `parent` is the process that forks its
processors, `popen` stands for them in the worker, `line` is the protocol of these two, and `gate` delays processors
while workers are starting.

A processor: `processor` runs it, `ending` finalizes it, `stacks` lets it write its stacks.
"""
