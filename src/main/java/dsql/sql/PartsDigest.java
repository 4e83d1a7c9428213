package dsql.sql;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// SHA-256 over a list of texts, each preceded by its length, so that no two lists have the same
/// input. Confined to one thread.
public final class PartsDigest {

  private final MessageDigest digest = sha256();

  /// Adds a text.
  public void add(String part) {
    byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
    digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
    digest.update(bytes);
  }

  /// The digest of the texts so far; the next text starts a new one.
  public byte[] digest() {
    return digest.digest();
  }

  /// SHA-256 itself.
  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every Java platform has SHA-256.", e);
    }
  }
}
