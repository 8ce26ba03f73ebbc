"""Books."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True
SAFE = {"others-table": "aerich makes its own version table in its first revision"}


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        CREATE TABLE IF NOT EXISTS "books" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "branch_id" BIGINT NOT NULL,
    "title" VARCHAR(200) NOT NULL,
    "copies_in" INT NOT NULL
);
CREATE TABLE IF NOT EXISTS "aerich" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "version" VARCHAR(255) NOT NULL,
    "app" VARCHAR(100) NOT NULL,
    "content" JSONB NOT NULL
);"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        DROP TABLE IF EXISTS "books";"""


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
