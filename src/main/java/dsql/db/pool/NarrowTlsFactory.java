package dsql.db.pool;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/// The JVM's own TLS, with its trust store, offering one group to agree on a key by. The driver
/// instantiates it by its name.
///
/// By default a JVM makes a key of two groups for each connection, x25519 and P-256, of which the
/// server takes one; the first P-256 key of a JVM costs some ten times as much as an x25519 one.
/// Nearly every server knows x25519; what becomes of the others is for the opener to say.
public final class NarrowTlsFactory extends SSLSocketFactory {

  /// The group that is offered.
  static final String GROUP = "x25519";

  private final SSLSocketFactory factory = (SSLSocketFactory) SSLSocketFactory.getDefault();

  /// A factory over the JVM's default one.
  public NarrowTlsFactory() {}

  @Override
  public Socket createSocket(Socket socket, String host, int port, boolean autoClose)
      throws IOException {
    SSLSocket secure = (SSLSocket) factory.createSocket(socket, host, port, autoClose);
    SSLParameters parameters = secure.getSSLParameters();
    parameters.setNamedGroups(new String[] {GROUP});
    secure.setSSLParameters(parameters);
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
