package dsql.local.tls;

import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// A certificate authority made at start and gone at the end, and the server certificates it signs.
///
/// Keys never leave memory; only the authority's own certificate is written out, as PEM for libpq
/// and as a PKCS12 trust store for a JVM. Validity runs by the real clock, since TLS clients check
/// it by theirs. Safe for concurrent use.
public final class ThrowawayAuthority {
  private static final Duration LIFE = Duration.ofDays(30);
  private static final String NAME = "CN=Local DSQL throw-away CA";
  private static final String STORE_PASSWORD = "changeit";

  /// The keys of certificates. RSA as Amazon's, or elliptic ones, which are made in no time.
  @SuppressWarnings("ImmutableEnumChecker") // Specifications of the JDK that nobody can change.
  public enum Keys {
    RSA("RSA", new RSAKeyGenParameterSpec(2048, RSAKeyGenParameterSpec.F4), "SHA256withRSA"),
    ELLIPTIC("EC", new ECGenParameterSpec("secp256r1"), "SHA256withECDSA");

    private final String algorithm;
    private final AlgorithmParameterSpec parameters;
    private final String signature;

    Keys(String algorithm, AlgorithmParameterSpec parameters, String signature) {
      this.algorithm = algorithm;
      this.parameters = parameters;
      this.signature = signature;
    }
  }

  /// What is wrong with the server certificates.
  public enum Fault {
    NONE,
    /// They are signed by another authority than the one that clients are told to trust.
    UNKNOWN_AUTHORITY,
    OTHER_NAME,
    EXPIRED,
    NOT_YET_VALID
  }

  private final String host;
  private final Fault fault;
  private final SecureRandom random = new SecureRandom();
  private final Keys keys;
  private final KeyPair key;
  private final X509Certificate certificate;
  private final Path caFile;
  private final Path trustStore;

  /// Makes the authority and writes `ca.pem` and `trust.p12` into a directory.
  ///
  /// @param host a name of the server besides `localhost`, or that
  public ThrowawayAuthority(Path directory, String host, Keys keys, Fault fault)
      throws IOException {
    this.host = host;
    this.keys = keys;
    this.fault = fault;
    this.caFile = directory.resolve("ca.pem");
    this.trustStore = directory.resolve("trust.p12");
    try {
      key = newKey();
      certificate = sign(NAME, key.getPublic(), key.getPrivate(), true);
      Files.writeString(caFile, pem(certificate));
      KeyStore store = emptyStore();
      store.setCertificateEntry("ca", certificate);
      try (OutputStream out = Files.newOutputStream(trustStore)) {
        store.store(out, STORE_PASSWORD.toCharArray());
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  public Path caFile() {
    return caFile;
  }

  public Path trustStore() {
    return trustStore;
  }

  public String trustStorePassword() {
    return STORE_PASSWORD;
  }

  /// A server context with a fresh key and certificate.
  public SSLContext newServerContext() {
    try {
      KeyPair serverKey = newKey();
      PrivateKey issuer =
          fault == Fault.UNKNOWN_AUTHORITY ? newKey().getPrivate() : key.getPrivate();
      X509Certificate server = sign("CN=localhost", serverKey.getPublic(), issuer, false);
      KeyStore store = emptyStore();
      char[] password = STORE_PASSWORD.toCharArray();
      Certificate[] chain =
          fault == Fault.UNKNOWN_AUTHORITY
              ? new Certificate[] {server}
              : new Certificate[] {server, certificate};
      store.setKeyEntry("server", serverKey.getPrivate(), password, chain);
      KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
      managers.init(store, password);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(managers.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private X509Certificate sign(
      String subject, PublicKey subjectKey, PrivateKey issuerKey, boolean authority)
      throws GeneralSecurityException, IOException {
    Instant from = Instant.now().minus(Duration.ofHours(1));
    Duration life = LIFE;
    if (!authority && fault == Fault.EXPIRED) {
      life = Duration.ofMinutes(30);
    } else if (!authority && fault == Fault.NOT_YET_VALID) {
      from = from.plus(Duration.ofDays(2));
    }
    var builder =
        new JcaX509v3CertificateBuilder(
            new X500Principal(
                !authority && fault == Fault.UNKNOWN_AUTHORITY ? "CN=Another CA" : NAME),
            new BigInteger(127, random),
            Date.from(from),
            Date.from(from.plus(life)),
            new X500Principal(subject),
            subjectKey);
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
    if (authority) {
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
    } else {
      builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names()));
    }
    try {
      var signer = new JcaContentSignerBuilder(keys.signature).build(issuerKey);
      return new JcaX509CertificateConverter().getCertificate(builder.build(signer));
    } catch (OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }

  private GeneralName[] names() {
    if (fault == Fault.OTHER_NAME) {
      return new GeneralName[] {new GeneralName(GeneralName.dNSName, "elsewhere.example")};
    }
    return Stream.concat(
            Stream.of("localhost", host)
                .distinct()
                .map(name -> new GeneralName(GeneralName.dNSName, name)),
            Stream.of("127.0.0.1", "::1")
                .map(address -> new GeneralName(GeneralName.iPAddress, address)))
        .toArray(GeneralName[]::new);
  }

  private KeyPair newKey() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(keys.algorithm);
    generator.initialize(keys.parameters, random);
    return generator.generateKeyPair();
  }

  private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static String pem(X509Certificate certificate) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
      pem.writeObject(certificate);
    }
    return text.toString();
  }
}
