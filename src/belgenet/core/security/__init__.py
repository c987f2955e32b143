"""Who may do what: permissions, roles, identities, tokens and the policy that joins them."""

from typing import Any

from belgenet.core.security.identity import Identity
from belgenet.core.security.keyring import Keyring
from belgenet.core.security.permissions import PUBLIC, Permission
from belgenet.core.security.policy import TokenPolicy
from belgenet.core.security.roles import ROLE_MATRIX, Role
from belgenet.core.security.tokens import AccessTokens
from belgenet.settings import Settings, SettingsError

__all__ = ["PUBLIC", "ROLE_MATRIX", "Identity", "Keyring", "Permission", "Role", "demand_keys"]
KEYS_OF = {"web": ("jwt_keys", "master_keys"), "worker": ("master_keys",)}
"""Process -> the keys it does not start without. Beat and relay need none, so that whoever breaks into them finds none."""


def demand_keys(settings: Settings, process: str) -> None:
    """Check, before a process serves, that it has its keys. :raises SettingsError: one is missing."""
    for key in KEYS_OF.get(process, ()):
        if not getattr(settings.security, key).get_secret_value():
            name = f"BELGENET_SECURITY_{key.upper()}"
            raise SettingsError(
                f"missing setting 'security.{key}': set {name}, {name}_FILE or belgenet.security.{key} in the ini file"
            )


def includeme(config: Any) -> None:
    """Who is served and what they may. Processes without keys run too: see :func:`demand_keys`."""
    security = config.registry.settings["belgenet"].security
    if text := security.jwt_keys.get_secret_value():
        keyring = Keyring.parse("security.jwt_keys", text)
        config.registry["belgenet.access_tokens"] = AccessTokens(keyring, security.access_token_seconds)
    if text := security.master_keys.get_secret_value():
        config.registry["belgenet.master_keys"] = Keyring.of_masters(text)
    config.set_security_policy(TokenPolicy())
    config.set_default_permission("__deny__")
