package dsql.lambda;

import java.util.List;

/// The environment's variables do not make a configuration.
public final class InvalidConfiguration extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /// @param faults each with its variable and the value given
  InvalidConfiguration(List<String> faults) {
    super("The function is not configured: " + String.join("; ", faults) + ".");
  }
}
