package dsql.lambda;

import java.util.List;

/// The environment's variables are not a valid configuration.
public final class InvalidConfiguration extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /// @param faults each names its variable and the value
  InvalidConfiguration(List<String> faults) {
    super("The function is not configured: " + String.join("; ", faults) + ".");
  }
}
