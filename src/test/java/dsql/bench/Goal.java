package dsql.bench;

import java.util.Locale;

/// What a row is to reach.
record Goal(Kind kind, double value) {

  enum Kind {
    AT_MOST,
    AT_LEAST,
    NONE
  }

  static final Goal NONE = new Goal(Kind.NONE, 0);

  static Goal atMost(double value) {
    return new Goal(Kind.AT_MOST, value);
  }

  static Goal atLeast(double value) {
    return new Goal(Kind.AT_LEAST, value);
  }

  boolean isMetBy(double found) {
    return switch (kind) {
      case AT_MOST -> found <= value;
      case AT_LEAST -> found >= value;
      case NONE -> true;
    };
  }

  @Override
  public String toString() {
    String number =
        value == Math.rint(value)
            ? String.format(Locale.ROOT, "%,.0f", value)
            : String.format(Locale.ROOT, "%.2f", value);
    return switch (kind) {
      case AT_MOST -> "≤ " + number;
      case AT_LEAST -> "≥ " + number;
      case NONE -> "";
    };
  }
}
