"""MinIO's side of "a key for each service": the bucket, one policy, one user for each service that stores."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from minio import Minio, MinioAdmin
from minio.credentials.providers import StaticProvider
from minio.error import S3Error

from belgenet.appliance.objectstore.place import Keys, Place

POLICY: Final = "belgenet-objects"


def policy(bucket: str) -> dict[str, Any]:
    """What a service may do: everything with objects of the bucket, nothing with the bucket itself, nothing elsewhere."""
    on_bucket = ["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads", "s3:GetBucketVersioning"]
    on_objects = [
        "s3:GetObject",
        "s3:PutObject",
        "s3:DeleteObject",
        "s3:AbortMultipartUpload",
        "s3:ListMultipartUploadParts",
    ]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": on_bucket, "Resource": [f"arn:aws:s3:::{bucket}"]},
            {"Effect": "Allow", "Action": on_objects, "Resource": [f"arn:aws:s3:::{bucket}/*"]},
        ],
    }


def provision(place: Place, root: Keys, services: Mapping[str, Sequence[Keys]], *, admin: Any = None) -> list[str]:
    """Make what is missing and take away users of ours whose keys nobody has any more; what was changed, by name. A second call
    changes nothing.

    :param services: name -> its keys, as the vault has them: one, or two while they are rotated.
    :param admin: speaks MinIO's administrative interface; by default at ``place``.
    """
    admin = admin or MinioAdmin(
        endpoint=place.endpoint, credentials=StaticProvider(root.access, root.secret), secure=place.secure
    )
    changed = []
    client = place.client(root)
    if not client.bucket_exists(place.bucket):
        client.make_bucket(place.bucket)
        changed.append(f"bucket {place.bucket}")
    wanted = policy(place.bucket)
    if not _same(json.loads(admin.policy_list()).get(POLICY), wanted):
        admin.policy_add(POLICY, policy=wanted)
        changed.append(f"policy {POLICY}")
    known = json.loads(admin.user_list())
    for service, keys in ((service, one) for service, several in services.items() for one in several):
        if _needs_user(known.get(keys.access), place.client(keys), place.bucket):
            admin.user_add(keys.access, keys.secret)
            admin.policy_set(POLICY, user=keys.access)
            changed.append(f"user {service}")
    current = {one.access for several in services.values() for one in several}
    for access, user in known.items():
        if access not in current and user.get("policyName") == POLICY:
            admin.user_remove(access)
            changed.append("a former user")
    return changed


def _needs_user(known: Any, client: Minio, bucket: str) -> bool:
    """Whether the user is missing, has another policy, or another secret (which shows only when it is used)."""
    if known is None or known.get("policyName") != POLICY or known.get("status") != "enabled":
        return True
    try:
        return not client.bucket_exists(bucket)
    except S3Error:
        return True


def _same(found: Any, wanted: Mapping[str, Any]) -> bool:
    """Whether a policy says what it should; servers sort actions as they like."""
    if not isinstance(found, dict):
        return False
    return _sorted(found) == _sorted(wanted)


def _sorted(said: Mapping[str, Any]) -> list[tuple[str, list[str], list[str]]]:
    return sorted((one["Effect"], sorted(one["Action"]), sorted(one["Resource"])) for one in said.get("Statement", []))
