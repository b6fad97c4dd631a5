"""邮件 (SMTP): one letter to each person of a list, or to a mailing list; by the school's own mail server."""

from channels.mail.channel import Mail

__all__ = ["Mail"]
