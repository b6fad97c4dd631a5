"""A clean sandbox of the vendors for each test, and a vendor that answers whatever a test tells it to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from channels import http
from tests.channels.servers import Sandbox, Vendor, running_sandbox, running_vendor


@pytest.fixture(autouse=True)
def _no_open_sockets() -> Iterator[None]:
    """Sessions live as long as their thread; a test leaves none behind."""
    yield
    http.transport().close()


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[Sandbox]:
    """One sandbox process for all tests; `sandbox` cleans it."""
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(sandbox_process: Sandbox) -> Sandbox:
    """The sandbox with nothing in it, its clock at the start."""
    sandbox_process.admin("reset", {})
    return sandbox_process


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    """A vendor on loopback that says what it is told to say."""
    with running_vendor() as vendor:
        yield vendor
