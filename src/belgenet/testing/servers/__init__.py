"""Real servers on loopback for tests and the demo, each with ``start()``, ``stop()`` and ``url``.

>>> from belgenet.testing.servers import PostgresServer, RedisServer, S3Server, MailSink
>>> with PostgresServer(folder / "postgres", durable=False) as server:
...     credentials = server.create_database("belgenet")
...     credentials.owner_url, credentials.app_url, credentials.platform_url

Data stays in the folder, so a second ``start()`` on the same folder finds it again.
"""

from belgenet.testing.servers.mailsink import MailSink
from belgenet.testing.servers.ports import free_port, free_s3_port
from belgenet.testing.servers.postgres import PostgresServer
from belgenet.testing.servers.process import ManagedProcess, ServerError
from belgenet.testing.servers.redis import RedisAddress, RedisServer
from belgenet.testing.servers.roles import (
    DatabaseCredentials,
    DatabaseServer,
    create_database,
    create_roles,
    superuser_engine,
)
from belgenet.testing.servers.s3 import S3Address, S3Server

__all__ = [
    "DatabaseCredentials",
    "DatabaseServer",
    "MailSink",
    "ManagedProcess",
    "PostgresServer",
    "RedisAddress",
    "RedisServer",
    "S3Address",
    "S3Server",
    "ServerError",
    "create_database",
    "create_roles",
    "free_port",
    "free_s3_port",
    "superuser_engine",
]
