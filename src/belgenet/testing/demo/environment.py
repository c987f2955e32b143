"""The settings every process of the demo gets, as environment variables."""

from collections.abc import Mapping
from pathlib import Path

from belgenet.testing.demo.state import DemoState
from belgenet.testing.servers import DatabaseCredentials, MailSink, RedisServer, S3Server
from belgenet.testing.servers.ports import LOOPBACK

BUCKET = "belgenet"
DATABASE = "belgenet"


def demo_environment(
    state: DemoState, database: DatabaseCredentials, redis: RedisServer, s3: S3Server, mail: MailSink, folder: Path
) -> dict[str, str]:
    """Return ``BELGENET_*`` for the started servers.

    Everybody comes from 127.0.0.1 here, so the limits per address are wide; those per account stay as they are.
    """
    return _prefixed(
        {
            "app_environment": "development",
            "app_base_domain": "localhost",
            "app_public_scheme": "http",
            "app_public_port": state.ports["web"],
            "database_url": database.app_url,
            "database_owner_url": database.owner_url,
            "database_platform_url": database.platform_url,
            "database_relay_url": database.relay_url,
            "cache_url": redis.database_url(0),
            "tasks_broker_url": redis.database_url(1),
            "storage_endpoint": s3.address.endpoint,
            "storage_access_key": s3.access_key,
            "storage_secret_key": s3.secret_key,
            "storage_bucket": BUCKET,
            "storage_region": s3.region,
            "mail_host": LOOPBACK,
            "mail_port": state.ports["smtp"],
            "mail_sender": "BelgeNet <bilgi@belgenet.localhost>",
            "security_jwt_keys": state.secrets["jwt_keys"],
            "security_master_keys": state.secrets["master_keys"],
            "security_cookie_secure": "false",
            "limits_registration": "2000/hour",
            "limits_sign_in_per_address": "2000/minute",
            "limits_checkout": "2000/minute",
            "limits_verify": "2000/minute",
            "limits_webhook": "60000/minute",
            "limits_default": "60000/minute",
            "observability_metrics_dir": folder / "metrics",
            "observability_disk_free_bytes": 100 * 1024**2,
            "logging_format": "console",
            **{f"sms_{key}": value for key, value in mail.sms_settings().items()},
            **payment_settings(state),
        }
    )


def payment_settings(state: DemoState) -> dict[str, object]:
    """Both providers point at the test provider."""
    provider = f"http://{LOOPBACK}:{state.ports['psp']}"
    return {
        "payments_iyzico_base_url": provider,
        "payments_iyzico_api_key": state.secrets["iyzico_key"],
        "payments_iyzico_secret_key": state.secrets["iyzico_secret"],
        "payments_iyzico_identity_number": "10000000146",
        "payments_stripe_api_base": provider,
        "payments_stripe_secret_key": state.secrets["stripe_key"],
        "payments_stripe_webhook_secret": state.secrets["stripe_webhook_secret"],
        "payments_sandbox": "true",
    }


def _prefixed(values: Mapping[str, object]) -> dict[str, str]:
    return {f"BELGENET_{key.upper()}": str(value) for key, value in values.items()}
