package dsql.db.connect;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.postgresql.ssl.WrappedFactory;

/// Adds TLS to connected sockets and offers either one group for the key agreement or all that the
/// JVM supports. The driver instantiates it by its name. Safe for concurrent use.
///
/// By default a JVM generates keys of two groups for each connection, x25519 and P-256, of which
/// the server uses one; a JVM's first P-256 key takes some ten times as long as an x25519 one.
/// Nearly every server supports x25519; the opener handles the others.
public final class NamedGroupTlsFactory extends WrappedFactory {

  private final @Nullable String group;

  /// A factory on the TLS context that all connections share.
  ///
  /// @param group the only group to offer; null for the JVM's choice
  public NamedGroupTlsFactory(@Nullable String group) throws GeneralSecurityException {
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
}
