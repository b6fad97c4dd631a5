"""Signatures and AES of WeChat callbacks, written from the vendor's description.

https://developers.weixin.qq.com/doc/oplatform/Third-party_Platforms/2.0/api/Before_Develop/Technical_Plan.html
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32  # the vendor pads to 32 bytes although AES blocks have 16


def sign(*parts: str) -> str:
    """SHA-1 over the sorted parts."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def encrypt(aes_key: str, appid: str, text: str, nonce: bytes | None = None) -> str:
    """The Encrypt element for a callback's XML."""
    key = base64.b64decode(aes_key + "=")
    data = text.encode()
    plain = (nonce or secrets.token_bytes(16)) + struct.pack(">I", len(data)) + data + appid.encode()
    fill = BLOCK - len(plain) % BLOCK
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([fill]) * fill) + encryptor.finalize()).decode()
