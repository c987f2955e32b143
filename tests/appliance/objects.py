"""Runs on the server, as a user the firewall lets speak to S3 servers: writes objects, and says what is there. Standard input tells
it whom to speak to, so that no key stands among its arguments: {"endpoint": ..., "bucket": ..., "access": ..., "secret": ...}

    python objects.py write PREFIX SECONDS THREADS LARGEST     prints a line "key sha256" for each object that was acknowledged
    python objects.py digests PREFIX                           prints a line "key sha256" for each object that is there
"""

import concurrent.futures
import hashlib
import io
import json
import os
import random
import sys
import threading
import time

import urllib3
from minio import Minio
from minio.error import MinioException

TROUBLE = (MinioException, urllib3.exceptions.HTTPError, OSError)


def client(told: dict[str, str]) -> Minio:
    pool = urllib3.PoolManager(timeout=urllib3.Timeout(connect=2, read=10), retries=False, maxsize=16)
    return Minio(
        endpoint=told["endpoint"],
        access_key=told["access"],
        secret_key=told["secret"],
        secure=False,
        region="us-east-1",
        http_client=pool,
    )


def write(store: Minio, bucket: str, prefix: str, seconds: float, threads: int, largest: int) -> None:
    """Acknowledged is what the server answered 200 to; anything else is nobody's promise."""
    until, lock = time.monotonic() + seconds, threading.Lock()

    def one(thread: int) -> None:
        number = 0
        while time.monotonic() < until:
            data = os.urandom(random.randrange(largest))
            key = f"{prefix}{thread}-{number:05}"
            number += 1
            try:
                store.put_object(bucket, key, io.BytesIO(data), len(data))
            except TROUBLE:
                time.sleep(0.2)
                continue
            with lock:
                print(key, hashlib.sha256(data).hexdigest(), flush=True)

    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, range(threads)))


def digests(store: Minio, bucket: str, prefix: str) -> None:
    keys = [entry.object_name for entry in store.list_objects(bucket, prefix=prefix, recursive=True)]

    def one(key: str) -> str:
        try:
            response = store.get_object(bucket, key)
            try:
                return hashlib.sha256(response.read()).hexdigest()
            finally:
                response.close()
                response.release_conn()
        except TROUBLE as error:
            return f"unreadable:{type(error).__name__}"

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for key, digest in zip(keys, pool.map(one, keys), strict=True):
            print(key, digest)


def main() -> None:
    told = json.load(sys.stdin)
    store = client(told)
    if sys.argv[1] == "write":
        write(store, told["bucket"], sys.argv[2], float(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
    else:
        digests(store, told["bucket"], sys.argv[2])


if __name__ == "__main__":
    main()
