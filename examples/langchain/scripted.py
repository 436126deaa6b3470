"""Plays the model: it calls the tools that a model would, and makes its answer from what they answer."""

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult

DRAFT = "Hi {name}, we have reset your session. Please log in again, and tell us if it happens once more."


class ScriptedModel(BaseChatModel):
    @property
    def _llm_type(self):
        return "scripted"

    def bind_tools(self, tools, **kwargs):
        return self

    def _generate(self, messages, stop=None, run_manager=None, **kwargs):
        read = [message.artifact["structured_content"] for message in messages if isinstance(message, ToolMessage)]
        return ChatResult(generations=[ChatGeneration(message=say(*read))])


def say(tickets=None, ticket=None):
    """What it says after it has read these answers."""
    if tickets is None:
        return call("freshdesk_tickets_list", per_page=100)
    if ticket is None:
        return call("freshdesk_ticket_get", ticket_id=42817, include="requester")
    lines = ["Open tickets of high priority:"]
    for found in tickets["tickets"]:
        if found["status"] == "open" and found["priority"] in ("high", "urgent"):
            lines.append(f"- {found['id']} {found['subject'].strip('⟦⟧')} ({found['priority']})")
    name = ticket["requester"]["name"].strip("⟦⟧").split()[0]
    return AIMessage("\n".join([*lines, "", "Draft for 42817:", DRAFT.format(name=name)]))


def call(tool, **arguments):
    return AIMessage("", tool_calls=[{"id": tool, "name": tool, "args": arguments}])
