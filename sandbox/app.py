"""The sandbox's one web application: the vendors, the admin API and the phone page."""

from __future__ import annotations

from flask import Flask, Request, Response, request

from sandbox import (
    admin,
    alarms,
    onebot,
    onebot_events,
    phone,
    site,
    sms_aliyun,
    sms_receipts,
    sms_tencent,
    wechat,
    wechat_callbacks,
    wechat_jobs,
    wechat_publish,
    wecom,
    wecom_callbacks,
    wecom_door,
)
from sandbox.world import World

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def create_app(world: World) -> Flask:
    """Wire the world's due entries and the routes."""
    app = Flask("sandbox", static_folder=None, template_folder="templates")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    wire_due(world)
    route_vendors(app, world)
    route_sms(app, world)
    route_pages(app, world)
    route_site(app, world)
    app.before_request(refuse_strangers)
    return app


def refuse_strangers() -> Response | None:
    """A page elsewhere must not reach the sandbox through a name that points here."""
    host = request.host.rpartition(":")[0] or request.host
    return None if host in LOOPBACK else Response("loopback only", status=403)


def wire_due(world: World) -> None:
    """Who runs which kind of due entry."""
    world.due.runners = {
        "mass_end": lambda entry: wechat_jobs.end(world, entry),
        "mass_silence": lambda entry: wechat_jobs.silence(world, entry),
        "publish_end": lambda entry: wechat_publish.end(world, entry),
        "callback": lambda entry: wechat_callbacks.deliver(world, entry),
        "sms_push": lambda entry: sms_receipts.deliver(world, entry),
        "wecom_callback": lambda entry: wecom_callbacks.deliver(world, entry),
        "onebot_event": lambda entry: onebot_events.deliver(world, entry),
    }


def current() -> Request:
    """The request being answered."""
    return request


def route_vendors(app: Flask, world: World) -> None:
    """The vendors' own paths below one base each."""

    @app.route("/wechat/<path:path>", methods=["GET", "POST"])
    def wechat_door(path: str) -> Response:
        return wechat.answer(world, current(), path)

    @app.route("/wecom/cgi-bin/webhook/<name>", methods=["GET", "POST"])
    def robot_door(name: str) -> Response:
        return wecom.answer(world, current(), f"webhook/{name}")

    @app.route("/wecom/cgi-bin/<path:path>", methods=["GET", "POST"])
    def company_door(path: str) -> Response:
        return wecom_door.answer(world, current(), path)

    @app.route("/onebot/<path:path>", methods=["GET", "POST"])
    def onebot_door(path: str) -> Response:
        return onebot.answer(world, current(), path)

    @app.post("/alarm")
    def alarm_door() -> Response:
        return alarms.answer(world, current())

    @app.route("/__sandbox__/<name>", methods=["GET", "POST"])
    def admin_door(name: str) -> Response:
        return admin.answer(world, current(), name)


def route_sms(app: Flask, world: World) -> None:
    """The SMS vendors, below a base each and at the root, which is also the phone page."""

    @app.route("/aliyun-sms/", methods=["GET", "POST"])
    def aliyun_door() -> Response:
        return sms_aliyun.answer(world, current())

    @app.post("/tencent-sms/")
    def tencent_door() -> Response:
        return sms_tencent.answer(world, current())

    @app.route("/", methods=["GET", "POST"])
    def root_door() -> Response:
        # The SMS vendors' own SDKs know a host and no path; what they send tells them from a browser.
        if sms_aliyun.addressed(current()):
            return sms_aliyun.answer(world, current())
        if sms_tencent.addressed(current()):
            return sms_tencent.answer(world, current())
        if current().method == "POST":
            return Response("no vendor's call", status=404)
        return phone.page(world, request.args.get("chat", ""))


def route_pages(app: Flask, world: World) -> None:
    """What a person opens in a browser."""

    @app.get("/s/<id>")
    def article_page(id: str) -> Response:
        return phone.article_page(world, id)

    @app.get("/s")
    def full_article_page() -> Response:
        return phone.article_page(world, request.args.get("sn", ""))

    @app.get("/s/draft/<media_id>/<int:index>")
    def draft_page(media_id: str, index: int) -> Response:
        return phone.draft_page(world, media_id, index)

    @app.get("/blob/<id>")
    def blob(id: str) -> Response:
        return file_page(world, id)

    @app.get("/mmbiz_<kind>/<id>/0")
    def picture(kind: str, id: str) -> Response:
        return file_page(world, id)


def route_site(app: Flask, world: World) -> None:
    """The school's own web site; its articles lie below /xxgk/."""

    @app.get("/robots.txt")
    def robots() -> Response:
        return site.robots(world, current())

    @app.get("/xxgk/<path:path>")
    def site_page(path: str) -> Response:
        return site.page(world, current())

    @app.route("/_visitcountdisplay", methods=["GET", "POST"])
    def visit_figure() -> Response:
        return site.figure(world, current())

    @app.get("/_visitcount")
    def visit_beacon() -> Response:
        return site.beacon(world, current())


def file_page(world: World, id: str) -> Response:
    """A kept file; anything but a picture is a download, so that an uploaded page cannot run here."""
    found = world.state.blob(id)
    if found is None:
        return Response("not found", status=404)
    mime, data = found
    response = Response(data, content_type=mime if mime.startswith("image/") else "application/octet-stream")
    response.headers["X-Content-Type-Options"] = "nosniff"
    if not mime.startswith("image/"):
        response.headers["Content-Disposition"] = "attachment"
    return response
