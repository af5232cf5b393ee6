#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Makes the hashes of t/passwords/hashes that Django makes: Debian's python3-django and python3-argon2, their own hashers and costs.
import hashlib

from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher, check_password, make_password

PASSWORD = "Grüße, Ω-Passwort 1"


class PBKDF2SHA512PasswordHasher(PBKDF2PasswordHasher):
    """As Django's manual says: a hasher of one's own, with another digest."""

    algorithm = "pbkdf2_sha512"
    digest = hashlib.sha512


settings.configure(
    PASSWORD_HASHERS=[
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        "__main__.PBKDF2SHA512PasswordHasher",
        "django.contrib.auth.hashers.Argon2PasswordHasher",
    ]
)
for hasher in ("pbkdf2_sha256", "pbkdf2_sha512", "argon2"):
    encoded = make_password(PASSWORD, hasher=hasher)
    assert check_password(PASSWORD, encoded)
    print(f"Django\t{encoded}")
# What a site of 2015 has: fewer iterations and a shorter salt.
print("Django 1.8\t" + PBKDF2PasswordHasher().encode(PASSWORD, "W3jqzKfn0vPd", 20000))
