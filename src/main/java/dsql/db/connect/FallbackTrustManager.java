package dsql.db.connect;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// Trusts a server if one trust manager does or, failing that, a second one, which is created only
/// when it is needed. If neither does, the second one gives the reason. Safe for concurrent use.
final class FallbackTrustManager extends X509ExtendedTrustManager {

  private final X509ExtendedTrustManager first;
  private final Source source;
  private @Nullable X509ExtendedTrustManager second;

  /// Creates the second trust manager.
  interface Source {
    X509ExtendedTrustManager make() throws GeneralSecurityException;
  }

  private interface Check {
    void by(X509ExtendedTrustManager trust) throws CertificateException;
  }

  FallbackTrustManager(X509ExtendedTrustManager first, Source source) {
    this.first = first;
    this.source = source;
  }

  private void check(Check check) throws CertificateException {
    try {
      check.by(first);
    } catch (CertificateException e) {
      try {
        check.by(second());
      } catch (CertificateException again) {
        again.addSuppressed(e);
        throw again;
      }
    }
  }

  private synchronized X509ExtendedTrustManager second() throws CertificateException {
    X509ExtendedTrustManager made = second;
    if (made == null) {
      try {
        made = source.make();
      } catch (GeneralSecurityException e) {
        throw new CertificateException("The JVM's trust store cannot be read.", e);
      }
      second = made;
    }
    return made;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    check(trust -> trust.checkServerTrusted(chain, authType));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    check(trust -> trust.checkServerTrusted(chain, authType, socket));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    check(trust -> trust.checkServerTrusted(chain, authType, engine));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("Client certificates are not accepted here.");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    checkClientTrusted(chain, authType);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    checkClientTrusted(chain, authType);
  }

  /// The issuers of the first trust manager only. A client sends them to the server only if the JVM
  /// is configured to.
  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return first.getAcceptedIssuers();
  }
}
