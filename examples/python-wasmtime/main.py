"""The plugin in Python, by wasmtime alone: no host of ours, and one file, which reads the key from its environment.

The key passes through the sandbox here, since wasmtime for Python cannot attach it to what leaves.
"""

import os
from pathlib import Path
from types import SimpleNamespace

from wasmtime import Engine, Store, WasiConfig
from wasmtime.component import Component, Linker, Variant

COMPONENT = Path(__file__).parents[2] / "target/components/freshdesk-env.wasm"
VARIABLES = ("FRESHDESK_DOMAIN", "FRESHDESK_BASE_URL", "FRESHDESK_API_KEY")

engine = Engine()
component = Component.from_file(engine, str(COMPONENT))  # compiled once
linker = Linker(engine)
linker.add_wasip2()
linker.add_wasi_http()


class ToolError(Exception):
    """What a tool refused: `case` is one of the ten of the contract's error, `detail` what goes with it."""

    def __init__(self, error):
        super().__init__(error.tag)
        self.case, self.detail = error.tag, error.payload


def call(interface, function, **fields):
    """Calls a tool's function in an instance of its own."""
    store = Store(engine)
    wasi = WasiConfig()
    wasi.env = [(name, os.environ[name]) for name in VARIABLES if name in os.environ]
    store.set_wasi(wasi)
    store.set_wasi_http()

    instance = linker.instantiate(store, component)
    exported = instance.get_export_index(store, f"freshdesk:tools/{interface}@0.1.0")
    function = instance.get_func(store, instance.get_export_index(store, function, exported))
    [(_, request)] = function.type(store).params
    request = SimpleNamespace(**{name: fields.get(name.replace("-", "_")) for name, _ in request.fields})
    answer = function(store, request)
    if isinstance(answer, Variant):
        raise ToolError(answer)
    return answer


view = call("tickets", "ticket-get", ticket_id=42817, include=["requester"])
ticket = view.ticket
print(f"{ticket.id} {ticket.subject} ({ticket.priority}), from {view.requester.name}")
assert ticket.priority == "high"

try:
    call("tickets", "ticket-get", ticket_id=1)
    raise AssertionError("there is no ticket 1")
except ToolError as error:
    print(f"ticket 1: {error.case}")
    assert error.case == "not-found"
