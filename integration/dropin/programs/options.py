"""Whether every option of a configuration reaches the binary: options.py FILE BINARY. Prints what does not."""

import argparse
import dataclasses
import json
import subprocess
import sys

from scaler.config.section.native_worker_manager import NativeWorkerManagerConfig

from scaler_native import options

SECTION = {
    "scheduler_address": "tcp://127.0.0.1:1",
    "worker_manager_id": 'NAT|"Zürich" \\ 東京 😀\t\x7f',
    "worker_scheduler_address": "tcp://127.0.0.1:2",
    "public_scheduler_address": "tcp://127.0.0.1:2",
    "object_storage_address": "tcp://127.0.0.1:3",
    "max_task_concurrency": 3,
    "scale_down_cooldown_seconds": 1.5,
    "per_worker_capabilities": "cpu=4,linux",
    "per_worker_task_queue_size": 7,
    "heartbeat_interval_seconds": 0.25,
    "task_timeout_seconds": 61,
    "death_timeout_seconds": 62,
    "garbage_collect_interval_seconds": 63,
    "trim_memory_threshold_bytes": 64,
    "hard_processor_suspend": True,
    "io_threads": 2,
    "event_loop": "uvloop",
    "preload": "-a.b:f('x', key=1)",
    "logging_paths": ["/dev/stderr", "-a log"],
    "logging_config_file": "a.conf",
    "logging_level": "DEBUG",
    "tls_cert": "cert.pem",
    "tls_key": "key.pem",
    "mode": "fixed",
    "worker_type": "-T",
}

path, binary = sys.argv[1:]
parser = argparse.ArgumentParser(add_help=False)
NativeWorkerManagerConfig.configure_parser(parser)
known = {name[2:].replace("-", "_") for name in parser._option_string_actions} | {a.dest for a in parser._actions}
section = {name: value for name, value in SECTION.items() if name in known}
config = NativeWorkerManagerConfig.parse_with_section("options", section, argv=[])
with open(path, "w", encoding="utf-8") as file:
    file.write(options.toml(options.collect(config)))
found = json.loads(subprocess.check_output([binary, "baremetal_native", "--config", path, "--dry-run"]))
for name, value in section.items():
    name = {"public_scheduler_address": "worker_scheduler_address"}.get(name, name)
    if name == "per_worker_capabilities":
        value = {"cpu": 4, "linux": -1}
    if found[name] != value:
        print(name, "is", repr(found[name]), "and not", repr(value))
# Empty and unset values.
plain = NativeWorkerManagerConfig.parse_with_section(
    "options", {"scheduler_address": "tcp://127.0.0.1:1", "worker_manager_id": "x"}, argv=[]
)
plain.logging_config = dataclasses.replace(plain.logging_config, paths=())
with open(path, "w", encoding="utf-8") as file:
    file.write(options.toml(options.collect(plain)))
found = json.loads(subprocess.check_output([binary, "baremetal_native", "--config", path, "--dry-run"]))
for name, value in {"logging_paths": [], "per_worker_capabilities": {}, "preload": None, "mode": "dynamic"}.items():
    if found[name] != value:
        print(name, "is", repr(found[name]), "and not", repr(value))
