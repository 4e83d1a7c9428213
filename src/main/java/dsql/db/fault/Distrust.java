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

/// Why a server's certificate was not accepted, decided by the classes of the exceptions wherever
/// they tell: their messages hold hosts.
public enum Distrust {
  /// No authority that is trusted vouches for it.
  UNKNOWN_AUTHORITY,
  /// It is that of another name.
  OTHER_NAME,
  EXPIRED,
  NOT_YET_VALID,
  /// There is nobody to trust: the trust store is empty or cannot be read.
  NO_TRUST_STORE,
  /// Another fault of it, such as an algorithm that is too weak.
  OTHER;

  /// Why the certificate was not accepted; empty where that is not what failed.
  public static Optional<Distrust> of(Throwable failure) {
    @Nullable Distrust found = null;
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    // The innermost knows best.
    for (Throwable one = failure; one != null && seen.add(one); one = one.getCause()) {
      Distrust here = ofOne(one);
      found = here == null || (here == OTHER && found != null) ? found : here;
    }
    return Optional.ofNullable(found);
  }

  private static @Nullable Distrust ofOne(Throwable failure) {
    if (failure instanceof CertificateExpiredException) {
      return EXPIRED;
    }
    if (failure instanceof CertificateNotYetValidException) {
      return NOT_YET_VALID;
    }
    if (failure instanceof CertPathBuilderException) {
      return UNKNOWN_AUTHORITY;
    }
    // The second is the JDK's for a store without a certificate.
    if (failure instanceof KeyStoreException
        || failure instanceof InvalidAlgorithmParameterException) {
      return NO_TRUST_STORE;
    }
    if (failure instanceof SSLPeerUnverifiedException || isOfName(failure)) {
      return OTHER_NAME;
    }
    return failure instanceof CertificateException || failure instanceof CertPathValidatorException
        ? OTHER
        : null;
  }

  /// The driver's comparison of the names has no class of its own. Its message, in any language,
  /// names the class that compared them; it holds nothing else of a certificate.
  private static boolean isOfName(Throwable failure) {
    return failure instanceof PSQLException e
        && e.getServerErrorMessage() == null
        && String.valueOf(e.getMessage()).contains("PgjdbcHostnameVerifier");
  }
}
