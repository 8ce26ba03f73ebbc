"""Each branch sees its own books."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True
NEEDS = ("crossdock:0001",)  # the function current_branch_id()


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
ALTER TABLE books ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON books TO branches_tenant, branches_platform;
GRANT USAGE ON SEQUENCE books_id_seq TO branches_tenant, branches_platform;
CREATE POLICY books_platform ON books TO branches_platform USING (true) WITH CHECK (true);
CREATE POLICY books_own ON books TO branches_tenant USING (branch_id = (SELECT current_branch_id()))
    WITH CHECK (branch_id = (SELECT current_branch_id()));"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
DROP POLICY books_own ON books;
DROP POLICY books_platform ON books;
REVOKE ALL ON SEQUENCE books_id_seq FROM branches_tenant, branches_platform;
REVOKE ALL ON books FROM branches_tenant, branches_platform;
ALTER TABLE books DISABLE ROW LEVEL SECURITY;"""


MODELS_STATE = (
    "eJztlV1v2jAUhv8KylUnbRMEUujuAO2j0wZSi6pJ02Q5iUksHDu1na1Vx3+fj0Mw4SMrmr"
    "QJtDvynvfYxw/2OU9eJmLC1OuREAvvTevJ4zgj5kdNf9nycJ47FQSNQ2aNoXFYBYdKSxxp"
    "I84xU8RIMVGRpLmmghuVF4yBKCJjpDxxUsHpfUGQFgnRKZEm8PWbkSmPyQNR1We+QHNKWF"
    "yrk8awt9WRfsytds31O2uE3UIUCVZk3JnzR50KvnZTrkFNCCcSawLLa1lA+VDd6pjVicpK"
    "naUscSMnJnNcML1x3BA5zUNoMp2h27czhLwjAEWCA1xTqrKnT6CEV36n1+8Nupe9gbHYMt"
    "dKf1lu7cCUiRbPZOYtbRxrXDosYwc1lJhHKdrHdkSTg3hrab+nXDFtwlwJjrO7W38P9JXv"
    "d7t9v929HAS9fj8YtNfEd0NN6EfX74G+MQjzVMoHVP0dDr+m2oR20I9TLPeDXydsQTdHOU"
    "XoGX5AjPBEp3Cl2+0GoHfDm/GH4c2Fcb2oY52sQn4ZqxOORE6JQpQf0TxqOed0u/+ojUBj"
    "ni82uggIIY4WP7CM0U5E+OKQdzeU+dm2gjlOLCg4ERS3mlNDImmU7ptgq0jjDMPO83+Ind"
    "Ltaxpi34lUUNIRfXQj5Rw7aRA8p5MGweFOCrF6J4VHdQThlf0M6XaeNac6DXOqs29OcU3K"
    "p10n/PF2Ojk0ptYpW5RjGunWzxaj6hSHVQNcgAErZ0rds02mF5+HX7Zxjz9NRxaOUDqRdh"
    "W7wOhfD7PlL0wSR+I="
)
