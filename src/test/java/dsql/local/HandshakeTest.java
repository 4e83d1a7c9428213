package dsql.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The first bytes of a connection, one by one.
@Tag("endToEnd")
class HandshakeTest {
  private static final int SSL_REQUEST = 80877103;
  private static final int GSS_REQUEST = 80877104;
  private static final int VERSION_3 = 3 << 16;

  private final LocalDsql dsql = Endpoints.shared();

  @Test
  void directTlsNeedsItsProtocol() throws Exception {
    assertEquals('R', answerOverTls(dsql, new String[] {"postgresql"}, ""));
    assertEquals(-1, answerOverTls(dsql, new String[0], ""));
    assertEquals(-1, answerOverTls(dsql, new String[] {"h2"}, ""));
  }

  @Test
  void aServerNameIsEnoughWhereOneIsDemanded() throws Exception {
    try (LocalDsql strict = LocalDsql.builder().requireSni(true).start()) {
      assertEquals('R', answerOverTls(strict, new String[] {"postgresql"}, "localhost"));
      assertEquals('E', answerOverTls(strict, new String[] {"postgresql"}, ""));
    }
  }

  @Test
  void declinesGssEncryptionAndThenTakesTls() throws IOException {
    try (Socket socket = open(dsql)) {
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      out.writeInt(8);
      out.writeInt(GSS_REQUEST);
      assertEquals('N', socket.getInputStream().read());
      out.writeInt(8);
      out.writeInt(SSL_REQUEST);
      assertEquals('S', socket.getInputStream().read());
    }
  }

  @Test
  void refusesAStartupPacketInTheClear() throws IOException {
    try (Socket socket = open(dsql)) {
      socket.getOutputStream().write(startup());
      String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
      assertTrue(answer.startsWith("E"), answer);
      assertTrue(answer.contains("SFATAL\0") && answer.contains("C08006\0"), answer);
    }
  }

  @Test
  void aRotatedCertificateIsAnother() throws Exception {
    BigInteger before = serial();
    assertEquals(before, serial());
    dsql.faults().rotateCertificate();
    assertNotEquals(before, serial());
  }

  // The type of the first message after a startup packet over direct TLS; -1 for none.
  private static int answerOverTls(LocalDsql dsql, String[] protocols, String serverName)
      throws IOException, GeneralSecurityException {
    try (SSLSocket socket = secure(dsql, protocols, serverName)) {
      socket.getOutputStream().write(startup());
      return new DataInputStream(socket.getInputStream()).read();
    } catch (IOException e) {
      return -1;
    }
  }

  private BigInteger serial() throws IOException, GeneralSecurityException {
    try (SSLSocket socket = secure(dsql, new String[] {"postgresql"}, "")) {
      socket.startHandshake();
      X509Certificate certificate = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      return certificate.getSerialNumber();
    }
  }

  private static SSLSocket secure(LocalDsql dsql, String[] protocols, String serverName)
      throws IOException, GeneralSecurityException {
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(dsql.trusted());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    SSLSocket socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), dsql.port());
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(protocols);
    if (!serverName.isEmpty()) {
      parameters.setServerNames(List.of(new SNIHostName(serverName)));
    }
    socket.setSSLParameters(parameters);
    return socket;
  }

  private static Socket open(LocalDsql dsql) throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), dsql.port());
  }

  private static byte[] startup() throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes("user\0admin\0database\0postgres\0\0".getBytes(UTF_8));
    ByteArrayOutputStream packet = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(packet);
    out.writeInt(8 + body.size());
    out.writeInt(VERSION_3);
    out.write(body.toByteArray());
    return packet.toByteArray();
  }
}
