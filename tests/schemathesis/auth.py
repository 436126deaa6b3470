"""Writes who may call: a user for each token, as Web Fuzzing Commons describe them."""

import json
import pathlib
import sys


def user(file):
    token = json.loads(file.read_text())["token"]
    return {"name": file.stem, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {token}"}]}


print(json.dumps({"auth": [user(pathlib.Path(file)) for file in sys.argv[1:]]}))
