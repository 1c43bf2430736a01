"""Keys that a configuration names: whether a text is one. No error repeats a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
    from pyrage import x25519


def ed25519_private(pem: str) -> Ed25519PrivateKey:
    """The key that signs; raises ``ValueError`` if the text holds none."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key: Any = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("expected an Ed25519 private key in PEM, without a password") from None
    return key


def ed25519_public(pem: str) -> Ed25519PublicKey:
    """The key that checks signatures; raises ``ValueError`` if the text holds none."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key: Any = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("expected an Ed25519 public key in PEM") from None
    return key


def signing_mistakes(private: str | None, public: str | None) -> list[str]:
    """What is wrong with the pair of keys under ``[signing]``, a line each."""
    mistakes = []
    own = theirs = None
    try:
        own = ed25519_private(private) if private is not None else None
    except ValueError as error:
        mistakes.append(f"signing.private_key: {error}")
    try:
        theirs = ed25519_public(public) if public is not None else None
    except ValueError as error:
        mistakes.append(f"signing.public_key: {error}")
    if own is not None and theirs is not None and own.public_key() != theirs:
        mistakes.append("signing.public_key: does not belong to signing.private_key")
    return mistakes


def host_key_mistakes(where: str, text: str | None) -> list[str]:
    """What is wrong with an SSH server's public key, as a line that names ``where`` it stands."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_ssh_public_key

    if text is None:
        return [
            f"{where}: missing; expected the server's public key, as ssh-keyscan prints it after the host"
        ]
    try:
        load_ssh_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        return [f"{where}: no public key of SSH; expected e.g. ssh-ed25519 AAAA…"]
    return []


def age_recipient(text: str) -> x25519.Recipient:
    """Whom a file can be sealed to (age-encryption.org); raises ``ValueError`` if the text is no such key."""
    from pyrage import RecipientError, x25519

    try:
        return x25519.Recipient.from_str(text.strip())
    except RecipientError:
        raise ValueError("expected a public key of age, age1…") from None


def sealed(content: bytes, recipient: str) -> bytes:
    """The content as only the recipient can open it, with ``age --decrypt``; never the same bytes twice."""
    import pyrage

    return bytes(pyrage.encrypt(content, [age_recipient(recipient)]))
