package dsql.local.sql;

import java.util.random.RandomGenerator;

/// Names of asynchronous jobs: 128 random bits as 26 lower-case base32 characters.
public final class JobId {
  private static final String DIGITS = "abcdefghijklmnopqrstuvwxyz234567";
  private static final int LENGTH = 26;

  private JobId() {}

  public static String next(RandomGenerator random) {
    StringBuilder id = new StringBuilder(LENGTH);
    for (int i = 0; i < LENGTH; i++) {
      id.append(DIGITS.charAt(random.nextInt(DIGITS.length())));
    }
    return id.toString();
  }
}
