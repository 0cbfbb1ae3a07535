"""Stands in for OCI: as much of its SDK as Scaler's manager of container instances calls."""

import types

import machines

config = types.SimpleNamespace(from_file=lambda profile_name: {"profile": profile_name})


class ServiceError(Exception):
    """What the manager expects of a call that fails; none does here."""


exceptions = types.SimpleNamespace(ServiceError=ServiceError)


class _Models:
    def __getattr__(self, name):
        return types.SimpleNamespace


class ContainerInstanceClient:
    def __init__(self, config, signer=None):
        pass

    def create_container_instance(self, create_container_instance_details):
        (container,) = create_container_instance_details.containers
        name = machines.container(container.environment_variables)
        return types.SimpleNamespace(data=types.SimpleNamespace(id="ocid1.computecontainerinstance.oc1.." + name))

    def get_container_instance(self, container_instance_id):
        state = machines.state(container_instance_id.rsplit(".", 1)[1])
        states = {"running": "ACTIVE", "ended": "INACTIVE"}
        return types.SimpleNamespace(data=types.SimpleNamespace(lifecycle_state=states[state]))

    def delete_container_instance(self, container_instance_id):
        machines.stop(container_instance_id.rsplit(".", 1)[1])


container_instances = types.SimpleNamespace(ContainerInstanceClient=ContainerInstanceClient, models=_Models())
