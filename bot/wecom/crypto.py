"""WeCom's callback envelope: signature, then AES (official documents 90930 and 90968).

`signature = sha1(sorted(token, timestamp, nonce, encrypted))`. The plaintext is 16 random bytes, the message's
length (4 bytes, big endian), the message, and the receiver's id; padded by PKCS#7 to blocks of 32 bytes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

BLOCK = 32
HEAD = 20


class Forged(Exception):
    """Not from WeCom, or damaged on the way. The message is a short reason for the counter, never contents."""


class CallbackCrypto:
    """Opens what WeCom sends to one app. Raises `ValueError` for an EncodingAESKey that is none."""

    def __init__(self, token: str, encoding_aes_key: str, receive_id: str) -> None:
        self._token = token
        self._receive_id = receive_id.encode()
        self._key = _key_from(encoding_aes_key)

    def signature(self, timestamp: str, nonce: str, encrypted: str) -> str:
        """The hex signature that belongs to these parts."""
        joined = "".join(sorted((self._token, timestamp, nonce, encrypted)))
        return hashlib.sha1(joined.encode(errors="surrogatepass"), usedforsecurity=False).hexdigest()

    def open(self, signature: str, timestamp: str, nonce: str, encrypted: str) -> bytes:
        """The message inside, after its signature and its receiver were checked. Raises `Forged`."""
        expected = self.signature(timestamp, nonce, encrypted)
        if not hmac.compare_digest(expected.encode(), signature.encode(errors="surrogatepass")):
            raise Forged("signature")
        message, receive_id = _split(self._decrypt(encrypted))
        if not hmac.compare_digest(receive_id, self._receive_id):
            raise Forged("receiver")
        return message

    def _decrypt(self, encrypted: str) -> bytes:
        try:
            data = base64.b64decode(encrypted, validate=True)
        except (binascii.Error, ValueError) as error:
            raise Forged("base64") from error
        if not data or len(data) % (AES.block_size // 8):
            raise Forged("length")
        decryptor = Cipher(AES(self._key), CBC(self._key[:16])).decryptor()
        return _unpad(decryptor.update(data) + decryptor.finalize())


def _key_from(encoding_aes_key: str) -> bytes:
    # The last character of official sample keys has surplus bits that are not zero: base64 must not mind.
    if len(encoding_aes_key) != 43 or not encoding_aes_key.isalnum() or not encoding_aes_key.isascii():
        raise ValueError("EncodingAESKey must be 43 letters and digits")
    return base64.b64decode(encoding_aes_key + "=")


def _unpad(padded: bytes) -> bytes:
    pad = padded[-1]
    if not 1 <= pad <= BLOCK or padded[-pad:] != bytes([pad]) * pad:
        raise Forged("padding")
    return padded[:-pad]


def _split(plain: bytes) -> tuple[bytes, bytes]:
    end = HEAD + int.from_bytes(plain[16:HEAD], "big")
    if len(plain) < HEAD or end > len(plain):
        raise Forged("length")
    return plain[HEAD:end], plain[end:]
