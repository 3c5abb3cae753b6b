"""An event's body: as it was sent, and as Outlook gives it back, which is always rewritten HTML."""

import html
import re
from dataclasses import dataclass
from functools import cached_property

from tests.local.graph.answers import Json

_TAG = re.compile(r"<(?:style|script|head)\b.*?</(?:style|script|head)>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<br\s*/?>|</p>|</div>", re.IGNORECASE)
_INSIDE = re.compile(r"<body[^>]*>(.*?)(?:</body>|\Z)", re.IGNORECASE | re.DOTALL)
_META = '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
PREVIEW_LENGTH = 255


@dataclass(frozen=True)
class Body:
    """A body; `kind` and `content` are as they were sent."""

    kind: str
    content: str

    @staticmethod
    def of(given: Json | None) -> "Body":
        """The body of a request's itemBody; its content is text unless it says otherwise."""
        if not given or not given.get("content"):
            return EMPTY
        return Body((given.get("contentType") or "text").lower(), given["content"])

    @cached_property
    def html(self) -> str:
        """What an answer holds: text in a page of its own, HTML in a new one."""
        if not self.content:
            return ""
        if self.kind == "html":
            inside = _INSIDE.search(self.content)
            return f"<html><head>\r\n{_META}</head><body>{inside[1] if inside else self.content}</body></html>"
        lines = html.escape(self.content, quote=False).replace("\r\n", "\n").replace("\n", "<br>\r\n")
        return (
            f'<html><head>{_META}<meta name="Generator" content="Microsoft Exchange Server">'
            "<!-- converted from text --><style><!-- .EmailQuote { margin-left: 1pt; padding-left: 4pt; "
            'border-left: #800000 2px solid; } --></style></head><body><font size="2">'
            f'<span style="font-size:11pt;"><div class="PlainText">{lines}</div></span></font></body></html>'
        )

    @cached_property
    def text(self) -> str:
        """The words alone."""
        if self.kind != "html":
            return self.content
        return html.unescape(_TAG.sub("", _BREAK.sub("\n", self.content))).strip()

    @property
    def preview(self) -> str:
        """The answer's bodyPreview."""
        return self.text[:PREVIEW_LENGTH].replace("\n", "\r\n")


EMPTY = Body("text", "")
