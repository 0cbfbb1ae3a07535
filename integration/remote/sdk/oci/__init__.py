"""Stands in for OCI: as much of its SDK as Scaler's manager of container instances calls."""

import types

import machines

config = types.SimpleNamespace(from_file=lambda profile_name: {"profile": profile_name})


class ServiceError(Exception):
    status = 500


exceptions = types.SimpleNamespace(ServiceError=ServiceError)


class _Models:
    def __getattr__(self, name):
        return types.SimpleNamespace


class ContainerInstanceClient:
    def __init__(self, config, signer=None):
        pass

    def create_container_instance(self, create_container_instance_details):
        (container,) = create_container_instance_details.containers
        try:
            name = machines.container(container.environment_variables)
        except machines.Refused as refusal:
            raise ServiceError(str(refusal)) from refusal
        return types.SimpleNamespace(data=types.SimpleNamespace(id="ocid1.computecontainerinstance.oc1.." + name))

    def get_container_instance(self, container_instance_id):
        state = machines.state(container_instance_id.rsplit(".", 1)[1])
        states = {"starting": "CREATING", "running": "ACTIVE", "ended": "INACTIVE", "failed": "FAILED"}
        return types.SimpleNamespace(
            data=types.SimpleNamespace(lifecycle_state=states[state], lifecycle_details="as the test wants it")
        )

    def delete_container_instance(self, container_instance_id):
        machines.stop(container_instance_id.rsplit(".", 1)[1])


container_instances = types.SimpleNamespace(ContainerInstanceClient=ContainerInstanceClient, models=_Models())
