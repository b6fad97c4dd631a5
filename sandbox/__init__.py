"""A strict witness of WeChat, WeCom and OneBot on loopback: for demos, training, tests, and other people's bots."""

from sandbox.server import Sandbox, serve

__all__ = ["Sandbox", "serve"]
