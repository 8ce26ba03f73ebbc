"""Authors and books."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True
SAFE = {"others-table": "aerich makes its own version table in its first revision"}


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        CREATE TABLE IF NOT EXISTS "authors" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "name" VARCHAR(200) NOT NULL
);
CREATE TABLE IF NOT EXISTS "books" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "title" VARCHAR(200) NOT NULL,
    "copies_in" INT NOT NULL,
    "author_id" INT NOT NULL REFERENCES "authors" ("id") ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS "aerich" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "version" VARCHAR(255) NOT NULL,
    "app" VARCHAR(100) NOT NULL,
    "content" JSONB NOT NULL
);"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        DROP TABLE IF EXISTS "books";
        DROP TABLE IF EXISTS "authors";"""


MODELS_STATE = (
    "eJztl21v2jAQx78KyqtO6qbCYK32LrCidd1AAjRNmibLSUywcOw0dtaiNt99tvOckIxI3S"
    "QQr4C/z/bdz/bd8Wx4zEGEvzNDsWGB8bH3bFDoIfmlMnLZM6Dv57oSBLSINoXaRmvQ4iKA"
    "tpDyGhKOpOQgbgfYF5hRqdKQECUyWxpi6uZSSPFDiIBgLhIbpJz5+UvKmDroCfH0p78Fa4"
    "yIU/IVO2pvrQOx87V2R8VUG6rdLGAzEno0N/Z30meaWWMqlOoiigIokFpeBKFyX3mXBJpG"
    "FHuam8QuFuY4aA1DIgrhWiDXDABm8xVY3q4AMDoAshlVcKWrXEfvKhfeDvrD6+HN+w/DG2"
    "mi3cyU6yjeOgcTT9R4Zisj0uNQwNhCM86h6s8a1skGBvu5pvYVstLlKtmUYxvaVMjZ5vfp"
    "f8D14BMgiLpio4heXbWg/G4uJp/NxYW0eqO2ZPIBxA9jlgwN4rEoUjd4vS3gVoIF7e0jDB"
    "xQGskPwmJsy+snMU6mTe8XiEAdYJ1+8orHcokjPIUovWOpmjwxzZENWBPI+pA38KoKpNDV"
    "Iam91U5FVnsyYcqwOQ9mB3XOgieTBQUWpFMazCac82BzHrwsXFub+RhxgGmH21ua8/dLfA"
    "ygX+Ue51Tjngx0ygmlOWeqCdVaza5CrhOesgBhl96jnQZ9J32C1N6XFWpd9pEBbqrQUg7g"
    "Y1akyldLxi+jRiLOpOZyYn66NaLmVuhfVnsTBdje7Kv3yUhrxYe5zbnkH9Ojbiv5v1HAk2"
    "760KJfmHKKZX80OqTsj0bNZV+NVQqUfFQdCCfmJ0i3f1BT1W9pqvr7mioqUPy0y4S/LOez"
    "pp4qm1Kh7GBb9F56BPNj7AFa4CoYamWP8wdSZHrxzfxRxT35Oh9rOIwLN9Cr6AXG3f7Xv3"
    "4xi/4Aug1PDA=="
)
