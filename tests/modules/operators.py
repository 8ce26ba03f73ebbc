"""An operator of the platform, for tests: made as the command makes one, and signed in like everybody."""

from crossdock.tenancy import Platform
from crossdock.transaction import Database
from freight.modules.accounts.api import PASSWORDS, add_operator
from tests.world import PASSWORD, Person, World, unique


async def operator(world: World, database: Database) -> Person:
    email, password_hash = f"{unique('operator')}@crossdock.example", await PASSWORDS.hash(PASSWORD, field="password")
    async with database.transaction(Platform("test")) as tx:
        made = await add_operator(tx, name="Olga", email=email, password_hash=password_hash)
    return await world.sign_in(email, str(made.company_id), str(made.id))
