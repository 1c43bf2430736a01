"""Ed25519 signatures over the manifest's bytes: who has the public key can tell that the office wrote them.

The signature of the same bytes under the same key is always the same, so signing keeps a rerun's bytes equal.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from pipelines.keys import ed25519_private, ed25519_public, signing_mistakes
from pipelines.settings import ConfigError, Signing

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def private_key(signing: Signing) -> Ed25519PrivateKey | None:
    """The configured key, or ``None`` where nothing is to be signed.

    Raises ``ConfigError`` (which never shows the key) if it is none, or if the public key is another one's.
    """
    if signing.private_key is None:
        return None
    if mistakes := signing_mistakes(signing.private_key, signing.public_key):
        raise ConfigError(mistakes)
    return ed25519_private(signing.private_key)


def public_key(pem: str) -> Ed25519PublicKey:
    """The key in ``pem``; raises ``ConfigError`` if it holds none."""
    try:
        return ed25519_public(pem)
    except ValueError as error:
        raise ConfigError([f"signing.public_key: {error}"]) from None


def fingerprint(key: Ed25519PublicKey) -> str:
    """A key's name for people to compare: the SHA-256 of its DER form, in hexadecimal."""
    import hashlib

    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def sign(content: bytes, key: Ed25519PrivateKey) -> bytes:
    """The detached signature as it lies in a file: one line of base64."""
    return base64.b64encode(key.sign(content)) + b"\n"


def is_signed(content: bytes, signature: bytes, key: Ed25519PublicKey) -> bool:
    """Whether ``signature`` (as ``sign`` writes it) is the key's over ``content``."""
    from cryptography.exceptions import InvalidSignature

    try:
        key.verify(base64.b64decode(signature.strip(), validate=True), content)
    except (InvalidSignature, binascii.Error):
        return False
    return True
