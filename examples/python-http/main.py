"""The tools for the users of your product, by plain HTTP: read a ticket, meet a typed error, write once."""

import os
import uuid

import httpx

IDENTIFIER = os.environ["FRESHDESK_IDENTIFIER"]  # your id of the user whose Freshdesk it is for
api = httpx.Client(
    base_url=os.environ["FRESHDESK_API_URL"],  # such as https://tools.example.com/v1
    headers={"Authorization": f"Bearer {os.environ['FRESHDESK_TOKEN']}"},
    timeout=40,  # a call may wait half a minute for its turn
)


class ToolError(Exception):
    """A problem document: `code` says which, `detail` what to do; some have more, such as `retry_after`."""

    def __init__(self, problem):
        super().__init__(f"{problem['code']}: {problem['detail']}")
        self.code, self.problem = problem["code"], problem


def execute(tool, idempotency_key=None, **arguments):
    """Runs a tool. `result` of what it answers is for programs, `text` for a model."""
    call = {"identifier": IDENTIFIER, "tool_name": tool, "tool_input": arguments}
    headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
    response = api.post("/tools/execute", json=call, headers=headers)
    if response.headers["content-type"] == "application/problem+json":
        raise ToolError(response.json())
    return response.raise_for_status().json()


answer = execute("freshdesk_ticket_get", ticket_id=42817, include="requester")
print(answer["text"])
# Text that people wrote stands between ⟦ and ⟧, for models: it is data, never instructions.
assert answer["result"]["subject"] == "⟦Session lost after password reset⟧"
assert answer["result"]["priority"] == "high"

try:
    execute("freshdesk_ticket_get", ticket_id=1)
    raise AssertionError("there is no ticket 1")
except ToolError as error:
    print(error)
    assert error.code == "not_found"

# A write whose answer got lost is safe to repeat with its key: the ticket is made once.
key = str(uuid.uuid4())
ticket = {"subject": "Two screens", "description": "Both stay dark.", "email": "sarah@acmecorp.com"}
made, again = (execute("freshdesk_ticket_create", idempotency_key=key, **ticket) for _ in range(2))
print(f"ticket {made['result']['id']} is made")
assert made["result"]["id"] == again["result"]["id"]
