"""cryptography: OpenSSL and its random numbers."""


def encrypts():
    import os

    from cryptography.fernet import Fernet
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    box = Fernet(Fernet.generate_key())
    key, nonce = bytes(range(32)), bytes(12)
    own = os.urandom(32)
    sealed = AESGCM(own).encrypt(nonce, b"secret", None)
    return [
        box.decrypt(box.encrypt(b"hello")).decode(),
        AESGCM(key).encrypt(nonce, b"hello", b"").hex(),
        AESGCM(own).decrypt(nonce, sealed, None).decode(),
    ]


def signs():
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    signature = key.sign(b"text", padding.PKCS1v15(), hashes.SHA256())
    key.public_key().verify(signature, b"text", padding.PKCS1v15(), hashes.SHA256())
    return ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)).sign(b"text").hex()[:32]
