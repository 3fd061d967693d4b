"""Ed25519 signatures (RFC 8032) by the city's audit key."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class Signer:
    """`private`: 32 bytes in hexadecimal."""

    private: str = field(repr=False)

    @property
    def public(self) -> str:
        """The public key, 32 bytes in hexadecimal; what an auditor writes down."""
        return self._key().public_key().public_bytes_raw().hex()

    def sign(self, content: bytes) -> bytes:
        return self._key().sign(content)

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(self.private))


def is_signed(public: str, content: bytes, signature: bytes) -> bool:
    """Whether `signature` over `content` was made with the key behind `public`."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True
