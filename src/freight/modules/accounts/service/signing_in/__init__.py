"""Passwords, sessions and tokens: how a person proves who they are, and for how long that holds."""
