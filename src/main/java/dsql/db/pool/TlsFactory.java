package dsql.db.pool;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.postgresql.ssl.WrappedFactory;

/// Secures connected sockets, offering one group to agree on a key by or all that the JVM knows.
/// The driver instantiates it by its name. Safe for concurrent use.
///
/// By default a JVM makes a key of two groups for each connection, x25519 and P-256, of which the
/// server takes one; the first P-256 key of a JVM costs some ten times as much as an x25519 one.
/// Nearly every server knows x25519; what becomes of the others is for the opener to say.
public final class TlsFactory extends WrappedFactory {

  private final @Nullable String group;

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
}
