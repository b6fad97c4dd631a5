"""The WeChat official account (微信公众号): 草稿 for a person to send, 发布 to the account's page, or 群发 to its followers."""

from channels.wechat_oa.channel import WechatOA

__all__ = ["WechatOA"]
