"""企业微信 through an app of the school's own: messages to persons (app.py) and to the app's own chats (chat.py)."""
