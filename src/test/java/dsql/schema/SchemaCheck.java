package dsql.schema;

import dsql.lambda.LocalFunction;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Has every function of the tests observed. JUnit finds it through `META-INF/services`, so that no
/// test class can forget it; programs that are no tests go without.
public final class SchemaCheck implements BeforeAllCallback {

  static final Exchanges EXCHANGES = new Exchanges();

  @Override
  public void beforeAll(ExtensionContext context) {
    LocalFunction.observe(EXCHANGES);
  }
}
