from __future__ import annotations

import socket

import pytest
from pytest_socket import SocketBlockedError


def test_unit_tests_cannot_open_a_socket():
    with pytest.warns(UserWarning, match="socket"), pytest.raises(SocketBlockedError):
        socket.socket()
