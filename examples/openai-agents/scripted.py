"""Plays the model: it calls the tools that a model would, and makes its answer from what they answer."""

import json

from agents import Model, ModelResponse, Usage
from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage, ResponseOutputText


class ScriptedModel(Model):
    async def get_response(self, system_instructions, input, model_settings, tools, *rest, **options):
        told = [item["output"][0]["text"] for item in input if item.get("type") == "function_call_output"]
        output = [says("\n\n".join(told))] if told else [reads(42817), reads(1)]
        return ModelResponse(output=output, usage=Usage(), response_id=None)

    def stream_response(self, *arguments, **options):
        raise NotImplementedError


def reads(ticket):
    arguments = json.dumps({"ticket_id": ticket})
    return ResponseFunctionToolCall(
        type="function_call", call_id=f"call-{ticket}", name="freshdesk_ticket_get", arguments=arguments
    )


def says(text):
    text = ResponseOutputText(type="output_text", text=text, annotations=[])
    return ResponseOutputMessage(id="message", type="message", role="assistant", status="completed", content=[text])
