package dsql.db.connect;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// The TLS context of all connections. Safe for concurrent use.
///
/// It trusts what the JVM trusts. Reading the 145 certificates of the JVM's store takes a twelfth
/// of a cold start, and a cluster's certificate is issued by Amazon. So Amazon's five roots, which
/// the JVM trusts too, are checked first, and the whole store only for certificates that they did
/// not sign. If a trust store is configured, only that one counts.
public final class Tls {

  /// The only group for the key agreement that is offered at first.
  static final String GROUP = "x25519";

  /// The roots of [Amazon Trust Services](https://www.amazontrust.com/repository/).
  private static final String ROOTS = "amazon-roots.pem";

  /// Holds the context, which is created at first use.
  private static final class Shared {
    static final @Nullable SSLContext CONTEXT;
    static final @Nullable GeneralSecurityException FAILURE;

    static {
      SSLContext made = null;
      GeneralSecurityException failure = null;
      try {
        made =
            System.getProperty("javax.net.ssl.trustStore") == null
                ? of(amazonFirst())
                : SSLContext.getDefault();
      } catch (GeneralSecurityException e) {
        failure = e;
      }
      CONTEXT = made;
      FAILURE = failure;
    }
  }

  private Tls() {}

  /// The context, the same at each call.
  ///
  /// @throws GeneralSecurityException if the JVM cannot create it
  static SSLContext context() throws GeneralSecurityException {
    if (Shared.CONTEXT == null) {
      throw new KeyStoreException("The trust store cannot be read.", Shared.FAILURE);
    }
    return Shared.CONTEXT;
  }

  /// Creates the first message of a handshake without sending it, which loads most of TLS.
  ///
  /// @throws GeneralSecurityException if the JVM cannot create the context
  public static void primeTlsWithoutServer() throws GeneralSecurityException, SSLException {
    SSLEngine engine = context().createSSLEngine("localhost", 5432);
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setNamedGroups(new String[] {GROUP});
    parameters.setApplicationProtocols(new String[] {"postgresql"});
    engine.setSSLParameters(parameters);
    engine.beginHandshake();
    engine.wrap(
        ByteBuffer.allocate(0), ByteBuffer.allocate(engine.getSession().getPacketBufferSize()));
  }

  /// Discards the TLS sessions with all servers, so that each next connection begins a new one.
  /// This includes the sessions of the JVM's default context, with which credentials are fetched
  /// over HTTPS.
  ///
  /// @throws GeneralSecurityException if the JVM cannot create a context
  public static void forgetSessions() throws GeneralSecurityException {
    forgetSessions(context());
    forgetSessions(SSLContext.getDefault());
  }

  private static void forgetSessions(SSLContext tls) {
    SSLSessionContext sessions = tls.getClientSessionContext();
    for (var ids = sessions.getIds(); ids.hasMoreElements(); ) {
      SSLSession session = sessions.getSession(ids.nextElement());
      if (session != null) {
        session.invalidate();
      }
    }
  }

  static SSLContext of(TrustManager trust) throws GeneralSecurityException {
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(null, new TrustManager[] {trust}, null);
    return tls;
  }

  private static TrustManager amazonFirst() throws GeneralSecurityException {
    return new FallbackTrustManager(trusting(amazonRoots()), () -> trusting(null));
  }

  static KeyStore amazonRoots() throws GeneralSecurityException {
    // The type that loads the fewest classes; the store is never written.
    KeyStore roots = KeyStore.getInstance("JKS");
    try (InputStream file = Tls.class.getResourceAsStream(ROOTS)) {
      roots.load(null, null);
      for (Certificate root : CertificateFactory.getInstance("X.509").generateCertificates(file)) {
        roots.setCertificateEntry("root-" + roots.size(), root);
      }
    } catch (IOException e) {
      throw new GeneralSecurityException(ROOTS, e);
    }
    return roots;
  }

  /// The JVM's trust manager on a store.
  ///
  /// @param store null for the JVM's own
  static X509ExtendedTrustManager trusting(@Nullable KeyStore store)
      throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509ExtendedTrustManager trust) {
        return trust;
      }
    }
    throw new GeneralSecurityException("The JVM has no trust manager for X.509.");
  }
}
