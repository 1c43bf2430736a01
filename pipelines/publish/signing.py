"""Ed25519 signatures over the manifest's bytes: who has the public key can tell that the office wrote them.

The signature of the same bytes under the same key is always the same, so signing keeps a rerun's bytes equal.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from pipelines.settings import ConfigError, Signing

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def private_key(signing: Signing) -> Ed25519PrivateKey | None:
    """The configured key, or ``None`` where nothing is to be signed.

    Raises ``ConfigError`` (which never shows the key) if it is none, or if the public key is another one's.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if signing.private_key is None:
        return None
    try:
        key = load_pem_private_key(signing.private_key.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(["signing.private_key: expected an Ed25519 private key in PEM, without a password"])
    if signing.public_key is not None and public_key(signing.public_key) != key.public_key():
        raise ConfigError(["signing.public_key: does not belong to signing.private_key"])
    return key


def public_key(pem: str) -> Ed25519PublicKey:
    """The key in ``pem``; raises ``ConfigError`` if it holds none."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigError(["signing.public_key: expected an Ed25519 public key in PEM"])
    return key


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
