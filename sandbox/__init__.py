"""A strict witness of WeChat, WeCom, OneBot and two SMS vendors on loopback: for demos, training, tests, and other people's bots."""

from sandbox.server import Sandbox, serve

__all__ = ["Sandbox", "serve"]
