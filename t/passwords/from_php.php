<?php
// SPDX-License-Identifier: ISC
// Makes the hashes of t/passwords/hashes that PHP makes: password_hash() of Debian's php-cli, with its own costs.
$password = 'Grüße, Ω-Passwort 1';
foreach ([PASSWORD_BCRYPT, PASSWORD_ARGON2ID] as $how) {
	$hash = password_hash($password, $how);
	assert(password_verify($password, $hash));
	echo "PHP\t$hash\n";
}
