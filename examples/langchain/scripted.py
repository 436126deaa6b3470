"""Plays the model: it calls the tools that a model would, and makes its answer from what they answer."""

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult


class ScriptedModel(BaseChatModel):
    @property
    def _llm_type(self):
        return "scripted"

    def bind_tools(self, tools, **kwargs):
        return self

    def _generate(self, messages, stop=None, run_manager=None, **kwargs):
        read = [message.artifact["structured_content"] for message in messages if isinstance(message, ToolMessage)]
        return ChatResult(generations=[ChatGeneration(message=self.say(read))])

    def say(self, read):
        """What it says after it has read these answers."""
        if not read:
            return calls("freshdesk_tickets_list", per_page=100)
        if len(read) == 1:
            return calls("freshdesk_ticket_get", ticket_id=42817, include="requester")
        urgent = [f"- {ticket['id']} {ticket['subject'].strip('⟦⟧')} ({ticket['priority']})" for ticket in
                  read[0]["tickets"] if ticket["status"] == "open" and ticket["priority"] in ("high", "urgent")]
        name = read[1]["requester"]["name"].strip("⟦⟧").split()[0]
        draft = f"Hi {name}, we have reset your session. Please log in again, and tell us if it happens once more."
        return AIMessage("\n".join(["Open tickets of high priority:", *urgent, "", "Draft for 42817:", draft]))


def calls(tool, **arguments):
    return AIMessage("", tool_calls=[{"id": tool, "name": tool, "args": arguments}])
