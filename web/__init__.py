"""What a vendor or a browser opens: callbacks, health."""
