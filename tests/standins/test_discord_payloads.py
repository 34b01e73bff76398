"""The Discord stand-in's checks of request bodies."""

from __future__ import annotations

from typing import Any

import pytest

from .discord_payloads import violations


def button(**changes: Any) -> dict[str, Any]:
    return {"type": 1, "components": [{"type": 2, "style": 1, "label": "x", "custom_id": "x"} | changes]}


@pytest.mark.parametrize(
    ("body", "violation"),
    [
        ({"content": "x" * 2001}, "content: 2001 long"),
        ({"nonce": "x" * 26}, "nonce: 26 long"),
        ({"embeds": [{}] * 11}, "embeds: 11 long"),
        ({"embeds": [{"description": "x" * 4096}, {"description": "x" * 1905}]}, "6001 characters in all"),
        ({"embeds": [{"fields": [{"name": "x", "value": ""}]}]}, "value: 0 long"),
        ({"embeds": [{"footer": {"text": "x" * 2049}}]}, "footer.text: 2049 long"),
        ({"components": [button()] * 6}, "components: 6 long"),
        ({"components": [button()] * 2}, "custom_id 'x' used 2 times"),
        ({"components": [button(custom_id="x" * 101)]}, "custom_id: 101 long"),
        ({"components": [button(label="x" * 81)]}, "label: 81 long"),
        ({"components": [button(url="https://example.org")]}, "has a custom_id and no url"),
        ({"components": [{"type": 10, "content": "x"}]}, "needs the flag"),
        ({"allowed_mentions": {"parse": ["roles"], "roles": ["1"]}}, "both parsed and listed"),
        ({"embeds": ["x"]}, "malformed"),
    ],
)
def test_the_limits_of_messages(body: dict[str, Any], violation: str) -> None:
    assert any(violation in each for each in violations("POST", "/channels/{channel_id}/messages", body))


@pytest.mark.parametrize(
    ("command", "violation"),
    [
        ({"name": "Trace", "description": "x"}, "not lower case"),
        ({"name": "trace", "description": "x" * 101}, "description: 101 long"),
        ({"name": "trace", "description": ""}, "description: 0 long"),
        (
            {"name": "trace", "description": "x", "options": [{"type": 3, "name": "a", "description": "a"}] * 26},
            "options: 26 long",
        ),
        (
            {
                "name": "trace",
                "description": "x",
                "options": [
                    {"type": 3, "name": "a", "description": "a"},
                    {"type": 3, "name": "b", "description": "b", "required": True},
                ],
            },
            "required options come first",
        ),
    ],
)
def test_the_limits_of_commands(command: dict[str, Any], violation: str) -> None:
    assert any(violation in each for each in violations("PUT", "/applications/{application_id}/commands", [command]))


def test_the_limits_of_completion() -> None:
    body = {"type": 8, "data": {"choices": [{"name": "x" * 101, "value": "x"}] * 26}}
    found = violations("POST", "/interactions/{interaction_id}/{interaction_token}/callback", body)
    assert found[0] == "choices: 26 long, 0 to 25 allowed"
    assert found[1] == "choices, name: 101 long, 1 to 100 allowed"


@pytest.mark.parametrize(
    ("method", "route", "body"),
    [
        ("POST", "/channels/{channel_id}/messages", {"content": "x", "tts": "yes"}),
        ("POST", "/channels/{channel_id}/messages", {"content": "x", "message_reference": {"message_id": "first"}}),
        ("PATCH", "/channels/{channel_id}/messages/{message_id}", {"embeds": [{"color": "red"}]}),
        ("POST", "/webhooks/{webhook_id}/{webhook_token}", {"allowed_mentions": {"parse": ["all"]}}),
        ("POST", "/interactions/{interaction_id}/{interaction_token}/callback", {"type": "5"}),
        ("PUT", "/applications/{application_id}/commands", [{"name": "x", "description": "x", "type": "slash"}]),
    ],
)
def test_a_wrong_type_is_caught_by_the_specification(method: str, route: str, body: Any) -> None:
    (found,) = violations(method, route, body)
    assert found.startswith("specification: $")
