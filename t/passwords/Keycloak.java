/* SPDX-License-Identifier: ISC */
/* Makes t/passwords/keycloak: rows of Keycloak's table credential, by Keycloak's own classes and with its own costs.
 *
 *     mvn -q dependency:build-classpath -Dmdep.outputFile=classpath
 *     java -cp $(cat classpath) Keycloak.java >keycloak
 *
 * Columns: user name, credential_data, secret_data.  "old" has what Keycloak made before version 24: 27500 iterations, 64 bytes. */
import java.util.concurrent.Semaphore;
import org.keycloak.common.crypto.CryptoIntegration;
import org.keycloak.credential.hash.PasswordHashProvider;
import org.keycloak.credential.hash.Pbkdf2PasswordHashProvider;
import org.keycloak.crypto.hash.Argon2PasswordHashProvider;
import org.keycloak.models.credential.PasswordCredentialModel;

public class Keycloak {
	private static final String PASSWORD = "Grüße, Ω-Passwort 1";

	private static void make(String name, PasswordHashProvider provider) {
		PasswordCredentialModel made = provider.encodedCredential(PASSWORD, -1);

		if (!provider.verify(PASSWORD, made))
			throw new IllegalStateException(name);
		System.out.println(name + "\t" + made.getCredentialData() + "\t" + made.getSecretData());
	}

	public static void main(String[] args) {
		CryptoIntegration.init(Keycloak.class.getClassLoader());
		make("old", new Pbkdf2PasswordHashProvider("pbkdf2-sha256", "PBKDF2WithHmacSHA256", 27500, 0));
		make("sha256", new Pbkdf2PasswordHashProvider("pbkdf2-sha256", "PBKDF2WithHmacSHA256", 600000, 0, 256));
		make("sha512", new Pbkdf2PasswordHashProvider("pbkdf2-sha512", "PBKDF2WithHmacSHA512", 210000, 0));
		make("padded", new Pbkdf2PasswordHashProvider("pbkdf2-sha512", "PBKDF2WithHmacSHA512", 210000, 64));
		make("argon2", new Argon2PasswordHashProvider("1.3", "id", 32, 7168, 5, 1, new Semaphore(1)));
	}
}
