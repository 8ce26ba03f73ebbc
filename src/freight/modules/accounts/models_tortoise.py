"""Users, teams, sessions and their tokens, in Tortoise."""

from tortoise import fields

from crossdock.schema.tortoise import KeyedModel, VersionedModel
from freight.modules.accounts.store.staff import Role, UserStatus


class User(VersionedModel):
    """A person of one company. The e-mail address is stored in lower case and is unique over all companies."""

    company = fields.ForeignKeyField("legacy.Company", on_delete=fields.RESTRICT, related_name=False)
    name = fields.CharField(max_length=100)
    surname = fields.CharField(max_length=100, null=True)
    email = fields.CharField(max_length=254, unique=True)
    phone = fields.CharField(max_length=32, null=True)
    locale = fields.CharField(max_length=35, default="en")
    time_zone = fields.CharField(max_length=64, default="UTC")
    job_title = fields.CharField(max_length=100, null=True)
    licence_number = fields.CharField(max_length=50, null=True)
    role = fields.CharEnumField(Role, max_length=20)
    boss = fields.ForeignKeyField("legacy.User", on_delete=fields.SET_NULL, null=True, related_name=False)
    status = fields.CharEnumField(UserStatus, max_length=20)
    password_hash = fields.CharField(max_length=300)
    last_sign_in_at = fields.DatetimeField(null=True)
    deleted_at = fields.DatetimeField(null=True)

    class Meta:
        table = "users"
        indexes = (("company_id", "id"), ("boss_id",))


class UserHistory(KeyedModel):
    """A change of a user's role or status: who, when, from, to."""

    company = fields.ForeignKeyField("legacy.Company", on_delete=fields.RESTRICT, related_name=False)
    user = fields.ForeignKeyField("legacy.User", on_delete=fields.RESTRICT, related_name=False)
    field = fields.CharField(max_length=20)
    from_value = fields.CharField(max_length=20, null=True)
    to_value = fields.CharField(max_length=20)
    actor_id = fields.UUIDField(null=True)
    reason = fields.CharField(max_length=500, null=True)

    class Meta:
        table = "user_history"
        indexes = (("user_id", "id"),)


class Team(VersionedModel):
    """A named group of a company's users."""

    company = fields.ForeignKeyField("legacy.Company", on_delete=fields.RESTRICT, related_name=False)
    name = fields.CharField(max_length=100)

    class Meta:
        table = "teams"
        unique_together = (("company_id", "name"),)


class TeamMember(KeyedModel):
    """A user in a team."""

    company = fields.ForeignKeyField("legacy.Company", on_delete=fields.RESTRICT, related_name=False)
    team = fields.ForeignKeyField("legacy.Team", on_delete=fields.CASCADE, related_name=False)
    user = fields.ForeignKeyField("legacy.User", on_delete=fields.CASCADE, related_name=False)

    class Meta:
        table = "team_members"
        unique_together = (("team_id", "user_id"),)
        indexes = (("user_id",),)


class Session(KeyedModel):
    """One sign-in on one device: the family of its refresh tokens. Revoking it acts at once."""

    company = fields.ForeignKeyField("legacy.Company", on_delete=fields.RESTRICT, related_name=False)
    user = fields.ForeignKeyField("legacy.User", on_delete=fields.CASCADE, related_name=False)
    user_agent = fields.CharField(max_length=300, null=True)
    address = fields.CharField(max_length=64, null=True)
    last_used_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)
    revoked_reason = fields.CharField(max_length=100, null=True)
    # Role and kind of company, which triggers write and forget: `require_session` in rules.sql reads it.
    standing = fields.CharField(max_length=50, null=True)

    class Meta:
        table = "sessions"
        indexes = (("user_id", "id"),)


class RefreshToken(KeyedModel):
    """A single-use token, stored as its SHA-256 only."""

    company = fields.ForeignKeyField("legacy.Company", on_delete=fields.RESTRICT, related_name=False)
    session = fields.ForeignKeyField("legacy.Session", on_delete=fields.CASCADE, related_name=False)
    token_sha256 = fields.CharField(max_length=64, unique=True)
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "refresh_tokens"
        indexes = (("session_id",),)


class SignInThrottle(KeyedModel):
    """Failed sign-ins in a row for an account or an address (`key`), and until when the next try is refused."""

    key = fields.CharField(max_length=300, unique=True)
    failures = fields.IntField()
    blocked_until = fields.DatetimeField(null=True)
    updated_at = fields.DatetimeField()

    class Meta:
        table = "sign_in_throttles"
