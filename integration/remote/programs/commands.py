"""Prints what one of Scaler's managers has a machine run, without a scheduler: commands.py SUBCOMMAND ARGUMENTS"""

import asyncio
import importlib
import sys

import machines

MODULES = {
    "aws_raw_ecs": ("worker_manager.cloud.aws_ecs.worker_manager", "worker_manager_adapter.aws_raw.ecs"),
    "oci_raw": ("worker_manager.cloud.oci.worker_manager", "worker_manager_adapter.oci_raw.worker_manager"),
    "orb_aws_ec2": (
        "worker_manager.cloud.orb_aws_ec2.worker_manager",
        "worker_manager_adapter.orb_aws_ec2.worker_manager",
    ),
}
CONFIGURATIONS = {
    "aws_raw_ecs": ("ecs_worker_manager.ECSWorkerManagerConfig",),
    "oci_raw": ("oci_raw_worker_manager.OCIRawWorkerManagerConfig",),
    "orb_aws_ec2": (
        "orb_aws_ec2_worker_manager.ORBAWSEC2WorkerManagerConfig",
        "orb_aws_ec2_worker_adapter.ORBAWSEC2WorkerAdapterConfig",
    ),
}


class Started(BaseException):
    """Ends the manager's work as soon as it has said what to run."""


def first(names, prefix):
    for name in names:
        try:
            return importlib.import_module(prefix + name)
        except ModuleNotFoundError as error:
            if error.name and not error.name.startswith("scaler"):
                raise
    raise ModuleNotFoundError(names)


def configuration(subcommand, arguments):
    names = dict(name.rsplit(".", 1) for name in CONFIGURATIONS[subcommand])
    module = first(names, "scaler.config.section.")
    kind = getattr(module, names[module.__name__.rsplit(".", 1)[1]])
    return kind.parse_with_section("scaler_worker_manager", {}, argv=arguments)


def started(environment):
    raise Started(environment["COMMAND"])


def member(module, start, ends):
    """The class of the module whose name has this start and one of these ends."""
    return next(value for name, value in vars(module).items() if name.startswith(start) and name.endswith(ends))


async def command(subcommand, config, module):
    if subcommand == "orb_aws_ec2":
        return member(module, "ORBAWSEC2", ("Manager", "Adapter"))(config)._create_user_data()
    try:
        if subcommand == "oci_raw":
            await member(module, "OCI", "Provisioner")(config, 1)._start_instance()
        elif hasattr(module, "ECSWorkerProvisioner"):
            provisioner = module.ECSWorkerProvisioner(config)
            await (provisioner.start_units(1) if hasattr(provisioner, "start_units") else provisioner.start_worker())
        else:
            await module.ECSWorkerManager(config)._start_ecs_task()
    except Started as said:
        return said.args[0]


if __name__ == "__main__":
    machines.container = started
    name = sys.argv[1]
    print(asyncio.run(command(name, configuration(name, sys.argv[2:]), first(MODULES[name], "scaler."))))
