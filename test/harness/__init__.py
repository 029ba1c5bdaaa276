"""What the end-to-end tests share: a real server, real clients, raw signed requests."""
