package dsql.runtime;

import dsql.local.LocalDsql;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.Collections;
import java.util.List;

/// Has a process trust the local endpoint in the way in which it would trust a cluster.
public final class Trust {

  private static final String END = "-----END CERTIFICATE-----\n";

  private Trust() {}

  /// Puts the endpoint's authority in the place of the first of the roots that are packaged.
  ///
  /// @param root what a build laid out
  public static void packaged(Path root, LocalDsql dsql)
      throws IOException, GeneralSecurityException {
    Path roots = root.resolve("dsql/db/connect/amazon-roots.pem");
    String all = Files.readString(roots);
    Files.writeString(
        roots,
        "-----BEGIN CERTIFICATE-----\n"
            + Base64.getMimeEncoder().encodeToString(authority(dsql).getEncoded())
            + "\n"
            + END
            + all.substring(all.indexOf(END) + END.length()));
  }

  /// Adds the endpoint's authority to what the JVM trusts.
  ///
  /// @param directory for a copy of the JVM's store
  /// @return flags of a JVM that trusts so
  public static List<String> inStore(Path directory, LocalDsql dsql)
      throws IOException, GeneralSecurityException {
    Path jvm = Path.of(System.getProperty("java.home"), "lib", "security", "cacerts");
    KeyStore store = KeyStore.getInstance(jvm.toFile(), "changeit".toCharArray());
    store.setCertificateEntry("endpoint", authority(dsql));
    Path copy = directory.resolve("trust");
    try (OutputStream out = Files.newOutputStream(copy)) {
      store.store(out, "changeit".toCharArray());
    }
    return List.of("-Djavax.net.ssl.trustStore=" + copy);
  }

  private static Certificate authority(LocalDsql dsql)
      throws IOException, GeneralSecurityException {
    KeyStore store = dsql.trusted();
    return store.getCertificate(Collections.list(store.aliases()).getFirst());
  }
}
