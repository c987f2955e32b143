"""Who may do what: permissions, roles, identities, tokens and the policy that joins them."""

from typing import Any

from belgenet.core.security.identity import Identity
from belgenet.core.security.keyring import Keyring
from belgenet.core.security.permissions import PUBLIC, Permission
from belgenet.core.security.policy import TokenPolicy
from belgenet.core.security.roles import ROLE_MATRIX, Role
from belgenet.core.security.tokens import AccessTokens

__all__ = ["PUBLIC", "ROLE_MATRIX", "Identity", "Keyring", "Permission", "Role"]


def includeme(config: Any) -> None:
    security = config.registry.settings["belgenet"].security
    keyring = Keyring.parse("security.jwt_keys", security.jwt_keys.get_secret_value())
    config.registry["belgenet.access_tokens"] = AccessTokens(keyring, security.access_token_seconds)
    config.registry["belgenet.master_keys"] = Keyring.of_masters(security.master_keys.get_secret_value())
    config.set_security_policy(TokenPolicy())
    config.set_default_permission("__deny__")
