from concurrent.futures import ThreadPoolExecutor

from belgenet.core.db import uuid7


def test_shape_is_rfc_9562_version_7() -> None:
    made = uuid7()
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"


def test_ids_rise_and_never_repeat_across_threads() -> None:
    one_thread = [uuid7() for _ in range(5000)]
    assert one_thread == sorted(one_thread)
    with ThreadPoolExecutor(8) as pool:
        many = [made for part in pool.map(lambda _: [uuid7() for _ in range(2000)], range(8)) for made in part]
    assert len(set(many)) == len(many)
