"""What the accounts module asks of its store."""

from enum import StrEnum


class Role(StrEnum):
    ADMIN = "admin"
    MANAGER = "manager"
    EMPLOYEE = "employee"


class UserStatus(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
