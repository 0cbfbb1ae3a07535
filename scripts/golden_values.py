"""How values stand in the golden frames' JSON, and what is read off a frame itself.

A text or an id is a string; {"hex": "ff00"} if it is no UTF-8, and {"text": "x", "times": 9000} if it is long.
"""


def data(value):
    if isinstance(value, str):
        return value.encode()
    if "hex" in value:
        return bytes.fromhex(value["hex"])
    return value["text"].encode() * value["times"]


def text(value):
    return data(value).decode()


def tag_of(frame):
    """The union tag: the first two bytes of the root struct, after segment table and root pointer."""
    segments = int.from_bytes(frame[:4], "little") + 1
    table = (4 + 4 * segments + 7) // 8 * 8
    return int.from_bytes(frame[table + 8 : table + 10], "little")
