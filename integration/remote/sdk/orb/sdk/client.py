"""The client of ORB's requests for machines."""

import itertools

import machines

_numbers = itertools.count(1)


class ORBClient:
    def __init__(self, app_config):
        self.scripts, self.requests = {}, {}

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        pass

    async def create_template(self, template_id, user_data, **_):
        self.scripts[template_id] = user_data
        return {"template_id": template_id}

    async def validate_template(self, template_id):
        return {"valid": True}

    async def create_request(self, template_id, count):
        name = f"req-{next(_numbers)}"
        self.requests[name] = [machines.instance(self.scripts[template_id]) for _ in range(count)]
        return {"created_request_id": name}

    async def get_request_status(self, request_ids):
        return {"requests": [{"status": "complete", "machine_ids": self.requests[name]} for name in request_ids]}

    async def wait_for_request(self, request_id, timeout, poll_interval):
        return {"status": "complete", "machines": [{"machine_id": name} for name in self.requests[request_id]]}

    async def create_return_request(self, machine_ids):
        for name in list(machine_ids):
            machines.stop(name)
        return {}
