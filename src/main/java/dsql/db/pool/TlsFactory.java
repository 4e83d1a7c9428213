package dsql.db.pool;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/// Secures connected sockets, offering one group to agree on a key by or all that the JVM knows.
/// The driver instantiates it by its name. Safe for concurrent use.
///
/// By default a JVM makes a key of two groups for each connection, x25519 and P-256, of which the
/// server takes one; the first P-256 key of a JVM costs some ten times as much as an x25519 one.
/// Nearly every server knows x25519; what becomes of the others is for the opener to say.
public final class TlsFactory extends SSLSocketFactory {

  private final @Nullable String group;
  private final SSLSocketFactory factory;

  /// A factory over the context of all connections.
  ///
  /// @param group the only one to offer; null for the JVM's choice
  public TlsFactory(@Nullable String group) throws GeneralSecurityException {
    this.group = group;
    this.factory = Tls.context().getSocketFactory();
  }

  @Override
  public Socket createSocket(Socket socket, String host, int port, boolean autoClose)
      throws IOException {
    SSLSocket secure = (SSLSocket) factory.createSocket(socket, host, port, autoClose);
    if (group != null) {
      SSLParameters parameters = secure.getSSLParameters();
      parameters.setNamedGroups(new String[] {group});
      secure.setSSLParameters(parameters);
    }
    return secure;
  }

  @Override
  public String[] getDefaultCipherSuites() {
    return factory.getDefaultCipherSuites();
  }

  @Override
  public String[] getSupportedCipherSuites() {
    return factory.getSupportedCipherSuites();
  }

  @Override
  public Socket createSocket(String host, int port) {
    throw connected();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
    throw connected();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    throw connected();
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) {
    throw connected();
  }

  private static UnsupportedOperationException connected() {
    return new UnsupportedOperationException("The driver secures sockets that are connected.");
  }
}
