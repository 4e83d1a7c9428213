package dsql.db.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.SharedDsql;
import dsql.local.LocalDsql;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Whom connections trust, by handshakes with a server of another authority than Amazon.
@Tag("endToEnd")
@ExtendWith(SharedDsql.class)
final class TlsTest {

  private final LocalDsql dsql;

  TlsTest(LocalDsql dsql) {
    this.dsql = dsql;
  }

  @Test
  void amazonsRootsAreAmongThoseOfTheJvm() throws Exception {
    Set<X509Certificate> roots = new HashSet<>(Arrays.asList(amazon().getAcceptedIssuers()));
    assertEquals(5, roots.size());
    KeyStore jvm =
        KeyStore.getInstance(
            Path.of(System.getProperty("java.home"), "lib", "security", "cacerts").toFile(),
            "changeit".toCharArray());
    roots.removeAll(Arrays.asList(Tls.trusting(jvm).getAcceptedIssuers()));
    assertEquals(Set.of(), roots);
  }

  @Test
  void theJvmsStoreIsNotReadForAServerOfTheFirstRoots() throws Exception {
    connect(
        new FallbackTrustManager(
            ofTheServer(),
            () -> {
              throw new GeneralSecurityException("not needed");
            }));
  }

  @Test
  void theJvmsStoreIsReadOnceForAServerOfOtherRoots() throws Exception {
    AtomicInteger made = new AtomicInteger();
    FallbackTrustManager trust =
        new FallbackTrustManager(
            amazon(),
            () -> {
              made.incrementAndGet();
              return ofTheServer();
            });
    connect(trust);
    connect(trust);
    assertEquals(1, made.get());
  }

  @Test
  void aServerThatNeitherTrustsIsRefused() throws Exception {
    FallbackTrustManager trust = new FallbackTrustManager(amazon(), () -> Tls.trusting(none()));
    assertThrows(SSLHandshakeException.class, () -> connect(trust));
    FallbackTrustManager withoutStore =
        new FallbackTrustManager(
            amazon(),
            () -> {
              throw new GeneralSecurityException("unreadable");
            });
    SSLHandshakeException refused =
        assertThrows(SSLHandshakeException.class, () -> connect(withoutStore));
    assertTrue(
        refused.getCause() instanceof CertificateException cause
            && cause.getCause() instanceof GeneralSecurityException,
        refused::toString);
  }

  @Test
  void aClientIsNeverTrusted() throws Exception {
    FallbackTrustManager trust = new FallbackTrustManager(ofTheServer(), TlsTest::amazon);
    X509Certificate[] chain = ofTheServer().getAcceptedIssuers();
    assertThrows(CertificateException.class, () -> trust.checkClientTrusted(chain, "RSA"));
  }

  private static X509ExtendedTrustManager amazon() throws GeneralSecurityException {
    return Tls.trusting(Tls.amazonRoots());
  }

  private static KeyStore none() throws GeneralSecurityException {
    KeyStore store = Tls.amazonRoots();
    store.deleteEntry(store.aliases().nextElement());
    return store;
  }

  private X509ExtendedTrustManager ofTheServer() throws GeneralSecurityException {
    try {
      return Tls.trusting(dsql.trusted());
    } catch (IOException e) {
      throw new GeneralSecurityException(e);
    }
  }

  private void connect(FallbackTrustManager trust) throws GeneralSecurityException, IOException {
    try (SSLSocket socket =
        (SSLSocket)
            Tls.of(trust)
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), dsql.port())) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"postgresql"});
      socket.setSSLParameters(parameters);
      socket.startHandshake();
    }
  }
}
