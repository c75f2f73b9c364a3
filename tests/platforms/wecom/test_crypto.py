"""The envelope, held against published vectors and against wechatpy."""

from __future__ import annotations

import base64
import json
import string
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy.enterprise.crypto import WeChatCrypto

from bot.wecom.crypto import CallbackCrypto, Forged

VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "vectors.json").read_text("utf-8"))
KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"


def of_kind(*kinds: str) -> list[Any]:
    return [pytest.param(vector, id=vector["id"]) for vector in VECTORS if vector["kind"] in kinds]


def crypto_of(vector: dict[str, Any]) -> CallbackCrypto:
    return CallbackCrypto(vector["token"], vector["encoding_aes_key"], vector["receiveid"])


def opened(vector: dict[str, Any], crypto: CallbackCrypto) -> bytes:
    sealed = vector.get("echostr") or vector["encrypt"]
    return crypto.open(vector["msg_signature"], vector["timestamp"], vector["nonce"], sealed)


@pytest.mark.parametrize("vector", of_kind("url_verify", "decrypt_post"))
def test_opens_published_vectors(vector: dict[str, Any]) -> None:
    assert opened(vector, crypto_of(vector)).decode() == vector["expect_plain"]


@pytest.mark.parametrize("vector", of_kind("url_verify_must_fail"))
def test_refuses_a_published_forgery(vector: dict[str, Any]) -> None:
    with pytest.raises(Forged, match="signature"):
        opened(vector, crypto_of(vector))


@pytest.mark.parametrize("vector", of_kind("encrypt_reply"))
def test_opens_what_the_sdk_encrypted(vector: dict[str, Any]) -> None:
    sealed = vector | {"encrypt": vector["expect_encrypt"], "msg_signature": vector["expect_msg_signature"]}
    assert opened(sealed, crypto_of(vector)).decode() == vector["plain"]


@pytest.mark.parametrize("vector", of_kind("signature"))
def test_signs_like_the_published_vector(vector: dict[str, Any]) -> None:
    crypto = CallbackCrypto(vector["token"], KEY, "")
    assert crypto.signature(vector["timestamp"], vector["nonce"], vector["encrypt"]) == vector["msg_signature"]


@settings(deadline=None)
@given(
    plain=st.text(st.characters(exclude_categories=["Cs"]), max_size=300),
    token=st.text(string.ascii_letters + string.digits, min_size=1, max_size=32),
    nonce=st.text(string.ascii_letters + string.digits, min_size=1, max_size=12),
    receiver=st.text(string.ascii_letters + string.digits, min_size=1, max_size=20),
)
def test_opens_what_wechatpy_seals(plain: str, token: str, nonce: str, receiver: str) -> None:
    sealed = fromstring(WeChatCrypto(token, KEY, receiver).encrypt_message(plain, nonce, "1409659813"))
    parts = {child.tag: child.text or "" for child in sealed}
    crypto = CallbackCrypto(token, KEY, receiver)
    message = crypto.open(parts["MsgSignature"], parts["TimeStamp"], parts["Nonce"], parts["Encrypt"])
    assert message.decode() == plain


def test_refuses_a_message_to_another_enterprise() -> None:
    vector = next(vector for vector in VECTORS if vector["id"] == "wecom-decrypt-3")
    crypto = CallbackCrypto(vector["token"], vector["encoding_aes_key"], "wwSomebodyElse")
    with pytest.raises(Forged, match="receiver"):
        opened(vector, crypto)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_never_fails_otherwise_than_forged(data: bytes) -> None:
    crypto = CallbackCrypto("token", KEY, "ww1")
    sealed = base64.b64encode(data).decode()
    with pytest.raises(Forged):
        crypto.open(crypto.signature("1", "n", sealed), "1", "n", sealed)


@pytest.mark.parametrize("sealed", ["", "====", "not base64 at all!", "QUJD", "啊"])
def test_refuses_damaged_base64_with_a_good_signature(sealed: str) -> None:
    crypto = CallbackCrypto("token", KEY, "ww1")
    with pytest.raises(Forged):
        crypto.open(crypto.signature("1", "n", sealed), "1", "n", sealed)


@pytest.mark.parametrize("signature", ["", "0" * 40, "签名" * 20])
def test_refuses_any_other_signature(signature: str) -> None:
    with pytest.raises(Forged, match="signature"):
        CallbackCrypto("token", KEY, "ww1").open(signature, "1", "n", "QUJD")


@pytest.mark.parametrize("key", ["", KEY[:-1], KEY + "C", KEY[:-1] + "+", "键" * 43])
def test_refuses_a_key_that_is_none(key: str) -> None:
    with pytest.raises(ValueError, match="43"):
        CallbackCrypto("token", key, "ww1")
