package dsql.db.connect;

import java.net.IDN;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.util.GregorianCalendar;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLException;
import org.postgresql.core.ServerVersion;
import org.postgresql.core.v3.ConnectionFactoryImpl;
import org.postgresql.core.v3.QueryExecutorImpl;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.jdbc.PgResultSet;

/// Loads the classes that a JVM's first connection needs, while another thread reads the event and
/// signs the token. They are some 500 classes of TLS, and loading and running them is the longest
/// part of a cold start. The thread ends after a fraction of a second and nothing waits for it; it
/// leaves loaded classes and the TLS context, which connections use too.
final class Preload {

  private Preload() {}

  /// Starts the thread and returns at once.
  static void start() {
    Thread thread =
        new Thread("dsql-preload") {
          @Override
          public void run() {
            preload();
          }
        };
    thread.setDaemon(true);
    thread.start();
  }

  private static void preload() {
    try {
      Tls.primeTlsWithoutServer();
      List<Class<?>> driver =
          List.of(
              PgConnection.class,
              ServerVersion.class,
              QueryExecutorImpl.class,
              ConnectionFactoryImpl.class,
              PgResultSet.class);
      for (Class<?> type : driver) {
        Class.forName(type.getName(), true, type.getClassLoader());
      }
      agreeAndEncrypt();
      verify();
      // The driver does the same for each connection: it creates a calendar and looks a name up.
      new GregorianCalendar();
      IDN.toASCII("localhost");
    } catch (GeneralSecurityException | SSLException | ReflectiveOperationException e) {
      // The first connection fails in the same way, and reports it.
    }
  }

  private static void agreeAndEncrypt() throws GeneralSecurityException {
    KeyAgreement.getInstance("X25519");
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(
        Cipher.ENCRYPT_MODE,
        new SecretKeySpec(new byte[16], "AES"),
        new GCMParameterSpec(128, new byte[12]));
  }

  private static void verify() throws GeneralSecurityException {
    CertificateFactory.getInstance("X.509");
    CertPathValidator.getInstance("PKIX");
    KeyFactory.getInstance("RSA");
    Signature.getInstance("RSASSA-PSS");
  }
}
