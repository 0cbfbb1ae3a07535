"""Stands in for AWS: as much of boto3 as Scaler's ECS and EC2 managers call."""

import machines


class Missing(Exception):
    """What there is nothing of yet."""


class _Exceptions:
    ClientException = Missing
    NoSuchEntityException = Missing


class ECS:
    exceptions = _Exceptions

    def describe_clusters(self, clusters):
        return {"clusters": []}

    def create_cluster(self, clusterName):
        return {}

    def describe_task_definition(self, taskDefinition):
        raise Missing

    def register_task_definition(self, family, **definition):
        return {"taskDefinition": {"taskDefinitionArn": "arn:aws:ecs:task-definition/" + family}}

    def run_task(self, overrides, **_):
        (container,) = overrides["containerOverrides"]
        environment = {entry["name"]: entry["value"] for entry in container["environment"]}
        return {"tasks": [{"taskArn": machines.container(environment)}], "failures": []}

    def stop_task(self, task, **_):
        machines.stop(task)
        return {"task": {"taskArn": task}}


class IAM:
    exceptions = _Exceptions

    def get_role(self, RoleName):
        return {"Role": {"Arn": "arn:aws:iam:role/" + RoleName}}


class EC2:
    def describe_instance_types(self, InstanceTypes):
        return {"InstanceTypes": [{"VCpuInfo": {"DefaultVCpus": machines.ask("cpus")["cpus"]}}]}

    def describe_images(self, **_):
        return {"Images": [{"ImageId": "ami-1", "CreationDate": "2026-01-01"}]}

    def describe_vpcs(self, **_):
        return {"Vpcs": [{"VpcId": "vpc-1"}]}

    def describe_subnets(self, **_):
        return {"Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1"}]}

    def create_security_group(self, **_):
        return {"GroupId": "sg-1"}

    def create_key_pair(self, **_):
        return {}

    def delete_security_group(self, **_):
        return {}

    def delete_key_pair(self, **_):
        return {}


_CLIENTS = {"ecs": ECS, "iam": IAM, "ec2": EC2}


def client(service, **_):
    return _CLIENTS[service]()


class Session:
    def __init__(self, **_):
        pass

    def client(self, service):
        return client(service)
