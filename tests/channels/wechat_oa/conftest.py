from __future__ import annotations

from collections.abc import Iterator

import pytest

from channels import http
from tests.channels.wechat_oa.oa_support import Time, Vendor, vendor_running


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with vendor_running() as running:
        yield running


@pytest.fixture(autouse=True)
def close_our_session() -> Iterator[None]:
    yield
    http.transport().close()
