"""The triggers: decode → handler → encode, nothing else. What they do stands in `shared/sync/`, one file for each."""

import json
import os

import azure.functions as func

from shared.app import get_app, probe
from shared.settings import timer_schedule

app = func.FunctionApp()


@app.function_name("publish_callback")
@app.route(route="publish", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
async def publish_callback(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    """Lightning Bolt's publish callback."""
    headers = {name.lower(): value for name, value in req.headers.items()}
    caller = context.trace_context.trace_parent if context.trace_context else None
    answer = await (await get_app()).publish_callback(req.get_body(), headers, caller)
    return _json(answer.status, answer.body)


@app.function_name("health")
@app.route(route="health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
async def health(req: func.HttpRequest) -> func.HttpResponse:
    """For a probe."""
    answer = await probe()
    return _json(answer.status, answer.body)


@app.function_name("operate")
@app.route(route="operate/{verb}", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
async def operate(req: func.HttpRequest) -> func.HttpResponse:
    """What operators ask for: the command line's other end."""
    connected = await get_app()
    answer = await connected.operate(
        req.route_params.get("verb", ""), req.get_body(), _headers(req), signed_in=_signed_in()
    )
    return func.HttpResponse(json.dumps(answer.body), status_code=answer.status, mimetype="application/json")


@app.function_name("status")
@app.route(route="status", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
async def status(req: func.HttpRequest) -> func.HttpResponse:
    """The status page."""
    answer = await (await get_app()).status_page(req.params, req.headers.get("accept", ""))
    return func.HttpResponse(
        answer.body, status_code=answer.status, mimetype=answer.kind, charset="utf-8", headers=dict(answer.headers)
    )


@app.function_name("sweep")
@app.timer_trigger(
    arg_name="timer", schedule=timer_schedule(os.environ, "SWEEP_SCHEDULE"), run_on_startup=False, use_monitor=True
)
async def sweep(timer: func.TimerRequest) -> None:
    """Near months, and in turn one further month."""
    await (await get_app()).sweep()


@app.function_name("sweep_window")
@app.timer_trigger(
    arg_name="timer", schedule=timer_schedule(os.environ, "WINDOW_SCHEDULE"), run_on_startup=False, use_monitor=True
)
async def sweep_window(timer: func.TimerRequest) -> None:
    """The whole window."""
    await (await get_app()).sweep_window()


@app.function_name("audit")
@app.timer_trigger(
    arg_name="timer", schedule=timer_schedule(os.environ, "AUDIT_SCHEDULE"), run_on_startup=False, use_monitor=True
)
async def audit(timer: func.TimerRequest) -> None:
    """Every calendar, against what is desired."""
    await (await get_app()).audit()


@app.function_name("plan_schedule")
@app.queue_trigger(arg_name="message", queue_name="schedule-changes", connection="AzureWebJobsStorage")
async def plan_schedule(message: func.QueueMessage) -> None:
    """A view's months should be read."""
    await (await get_app()).plan_schedule(message.get_body(), message.insertion_time)


@app.function_name("write_calendar")
@app.queue_trigger(arg_name="message", queue_name="calendar-changes", connection="AzureWebJobsStorage")
async def write_calendar(message: func.QueueMessage) -> None:
    """A person's calendar should be looked at."""
    await (await get_app()).write_calendar(message.get_body())


def _headers(req: func.HttpRequest) -> dict[str, str]:
    return {name.lower(): value for name, value in req.headers.items()}


def _signed_in() -> bool:
    """Whether App Service's own sign-in stands before the app: then the header that names the caller is its own."""
    return os.environ.get("WEBSITE_AUTH_ENABLED", "").lower() == "true"


def _json(status: int, body: dict[str, object]) -> func.HttpResponse:
    return func.HttpResponse(json.dumps(body), status_code=status, mimetype="application/json")
