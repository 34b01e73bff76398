"""What the demo changes in the files of SimCord's page, so that people can use it as they use Discord. Pure.

The page is made for tests, and has no settings for this. Each change replaces a piece of text that must exist, so a
test fails for a version of SimCord with another page. It is pinned to 3.2.1.
"""

from collections.abc import Mapping
from typing import Final

HOW_TO_OPEN: Final = (
    "Open the whole address that the terminal shows, including the part after the #. "
    "Each start of the demo has a new one."
)

CHANNELS: Final = "/channels"
CHANNELS_SCRIPT: Final = "/channels.js"

# Without the part after the #, the page stayed empty.
_NOT_OPENED: Final = """\
    ui.app.setAttribute("aria-busy", "false");
    ui.empty.textContent = "{words}";
    ui.empty.hidden = false;
"""
# Enter chose the suggestion that is already typed again and again, and never ran the command.
_CHOOSE: Final = "if (active instanceof HTMLElement) {"
_CHOOSE_UNLESS_TYPED: Final = (
    "if (active instanceof HTMLElement && active.dataset.value !== String(event.target.value).trim()) {"
)
# Enter on a chosen channel, role or member emptied the option; in Discord it runs the command.
_EDIT_CHOSEN: Final = '!event.target.matches(".command-chip")) return false;'
_RUN_CHOSEN: Final = '!event.target.matches(".command-chip, .command-mention")) return false;'
# As in Discord, the space after the name of a command chooses it, and what is typed or pasted after it is its option.
_MATCH: Final = "    matches = matchCommands(catalog?.entries || [], query);\n"
_CHOOSE_AT_SPACE: Final = """\
    const named = (catalog?.entries || []).find((entry) => value.startsWith(`/${entry.invocation} `));
    if (named) {
      const typed = value.slice(named.invocation.length + 2);
      select(named);
      const field = queryElement(commandElement(), ".command-option-input");
      if (field instanceof HTMLInputElement && typed) {
        field.value = typed;
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }
      return;
    }
"""
# The value of an option was cut off by its own padding. On a phone, the tools for authors of tests took a row of their
# own, and the sentence about the address was wider than the page. The avatar beside a reply was larger than its circle.
_STYLE: Final = """
.command-option-input { box-sizing: content-box; }
#preview-empty { max-width: 100vw; box-sizing: border-box; }
@media (max-width: 500px) {
  .preview-shell { --toolbar-height: 52px !important; }
  .preview-brand, #refresh, #capture-open, #inspector-toggle, #action-status { display: none !important; }
  #view-action-output { display: none !important; }
  #viewer-picker, #channel-picker { max-width: 26vw !important; width: auto !important; }
  .viewer-control { font-size: 0 !important; }
  .viewer-control select { font-size: 13px; }
}
.thread-summary { cursor: pointer; }
.reply-avatar img { width: 100%; height: 100%; }
"""

# The page had no way to another channel, to a thread or to a post of a forum.
_VIEWER: Final = """\
        <label class="viewer-control">Viewing as
"""
_PICKER: Final = """\
        <label class="viewer-control">Channel
          <select id="channel-picker" aria-label="Channel"></select>
        </label>
"""
_SCRIPT: Final = '<script type="module" src="/app.js"></script>'

_CHANGES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "/": (
        ("Unavailable channel", "Not opened"),
        ("<title>SimCord Preview</title>", "<title>Fastwatch demo</title>"),
        (_VIEWER, _PICKER + _VIEWER),
        (_SCRIPT, f'{_SCRIPT}\n    <script type="module" src="{CHANNELS_SCRIPT}"></script>'),
    ),
    "/app.js": (
        ('    ui.app.setAttribute("aria-busy", "false");\n    return;', _NOT_OPENED + "    return;"),
        ('    ui.app.setAttribute("aria-busy", "false");\n  }\n}\n\nui.viewer', _NOT_OPENED + "  }\n}\n\nui.viewer"),
    ),
    "/commands.js": ((_CHOOSE, _CHOOSE_UNLESS_TYPED), (_EDIT_CHOSEN, _RUN_CHOSEN), (_MATCH, _CHOOSE_AT_SPACE + _MATCH)),
}


CHANGED_FILES: Final = frozenset({*_CHANGES, "/preview.css"})


def changed(path: str, text: str) -> str:
    """Return the text of a file of the page as the demo serves it. Raises ValueError if SimCord's file is another."""
    for old, new in _CHANGES.get(path, ()):
        if text.count(old) != 1:
            raise ValueError(f"SimCord's {path} is not the expected one: {old.strip()!r}")
        text = text.replace(old, new.replace("{words}", HOW_TO_OPEN))
    return text + _STYLE if path == "/preview.css" else text
