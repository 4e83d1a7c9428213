package dsql.db.fault;

import java.security.InvalidAlgorithmParameterException;
import java.security.KeyStoreException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;

/// Why a server's certificate was not accepted. The exceptions' classes decide this wherever they
/// can, because the messages contain hosts.
public enum Distrust {
  /// No trusted authority signed it.
  UNKNOWN_AUTHORITY,
  /// It was issued for another name.
  OTHER_NAME,
  EXPIRED,
  NOT_YET_VALID,
  /// The trust store is empty or cannot be read.
  NO_TRUST_STORE,
  /// It has another fault, such as an algorithm that is too weak.
  OTHER;

  /// Why the certificate was not accepted; empty if the failure is another one.
  public static Optional<Distrust> of(Throwable failure) {
    @Nullable Distrust found = null;
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    // The innermost exception is the most specific.
    for (Throwable one = failure; one != null && seen.add(one); one = one.getCause()) {
      Distrust here = ofOne(one);
      found = here == null || (here == OTHER && found != null) ? found : here;
    }
    return Optional.ofNullable(found);
  }

  private static @Nullable Distrust ofOne(Throwable failure) {
    return switch (failure) {
      case CertificateExpiredException _ -> EXPIRED;
      case CertificateNotYetValidException _ -> NOT_YET_VALID;
      case CertPathBuilderException _ -> UNKNOWN_AUTHORITY;
      // The JDK throws the second for a store without any certificate.
      case KeyStoreException _, InvalidAlgorithmParameterException _ -> NO_TRUST_STORE;
      case SSLPeerUnverifiedException _ -> OTHER_NAME;
      case PSQLException e when isOfName(e) -> OTHER_NAME;
      case CertificateException _, CertPathValidatorException _ -> OTHER;
      default -> null;
    };
  }

  /// The driver has no exception class for a name that differs. Its message, in any language,
  /// contains the name of the class that compared the names.
  private static boolean isOfName(PSQLException e) {
    return e.getServerErrorMessage() == null
        && String.valueOf(e.getMessage()).contains("PgjdbcHostnameVerifier");
  }
}
