"""`GET /api/status`: HTML for a browser, JSON otherwise. Jinja2 is imported when a page is asked for, not before."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from azure.core.exceptions import AzureError
from pydantic import ValidationError

from shared.ops.asked import BadRequestError, Looked
from shared.ops.operate import as_json
from shared.ops.ports import OpsPorts
from shared.ops.status import status

JSON = "application/json"
HTML = "text/html"


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """An HTTP answer."""

    status: int
    kind: str
    body: str
    headers: Mapping[str, str]


async def status_page(query: Mapping[str, str], accept: str, ports: OpsPorts) -> PageAnswer:
    """`query`: `person`, `search`, `schedule`; `code` (the key that a browser came with) goes into the page's links."""
    asked = {name: query[name] for name in ("person", "search", "schedule") if query.get(name)}
    html = HTML in accept
    try:
        view = await status(Looked.model_validate(asked), ports)
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        return _refused(400, f"{field} is too long", html=html)
    except BadRequestError as error:
        return _refused(400, str(error), html=html)
    except AzureError as error:
        return _refused(503, f"storage does not answer ({type(error).__name__})", html=html)
    if not html:
        return PageAnswer(200, JSON, json.dumps(as_json(view)), _headers(""))
    from shared.ops.page import STYLE, render

    return PageAnswer(200, HTML, render(view, query.get("code", "")), _headers(STYLE))


def _refused(code: int, why: str, *, html: bool) -> PageAnswer:
    if html:
        return PageAnswer(code, "text/plain", why, _headers(""))
    return PageAnswer(code, JSON, json.dumps({"status": "refused", "error": why}), _headers(""))


def _headers(style: str) -> dict[str, str]:
    """Nothing is kept, framed, run or loaded; the one style sheet is named by its hash."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return {
        "Cache-Control": "no-store",
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'none'"
        ),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
