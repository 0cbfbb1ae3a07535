"""Tells where tasks of each capability ran: capabilities.py ADDRESS COUNT CAPABILITY...

A task answers with the marker in its worker manager's environment.
"""

import json
import os
import sys

from scaler import Client


def where():
    return os.environ.get("SCALER_TEST_ROLE")


address, count, names = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
with Client(address=address) as client:
    futures = {
        name: [client.submit_verbose(where, (), {}, capabilities={name: -1}) for _ in range(count)] for name in names
    }
    print(json.dumps({name: sorted({future.result() for future in group}) for name, group in futures.items()}))
