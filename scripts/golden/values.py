"""How values are written in the JSON of the golden frames, and how the JSON itself is written.

Text and ids are strings. Bytes that are not UTF-8 are {"hex": "ff00"}; a long text is {"text": "x", "times": 9000}.
"""

import json


def data(value):
    """The bytes of a text or an id."""
    if isinstance(value, str):
        return value.encode()
    if "hex" in value:
        return bytes.fromhex(value["hex"])
    return value["text"].encode() * value["times"]


def text(value):
    return data(value).decode()


def tag_of(frame):
    """The union tag of a Cap'n Proto message: the first two bytes of the root struct, after table and root pointer."""
    segments = int.from_bytes(frame[:4], "little") + 1
    table = (4 + 4 * segments + 7) // 8 * 8
    return int.from_bytes(frame[table + 8 : table + 10], "little")


def write(path, head, frames):
    """Write `head` and its member "frames", with one frame a line, so that a diff shows which frame has changed."""
    lines = ",\n".join(json.dumps(frame, ensure_ascii=False) for frame in frames)
    path.write_text(f'{json.dumps(head)[:-1]}, "frames": [\n{lines}\n]}}\n', encoding="utf-8")
