package dsql;

import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/// Gives tests the one endpoint of this JVM: a JVM reads its trust store once, so all functions in
/// it must meet the same authority. It is closed when the last test has run.
public final class SharedDsql implements ParameterResolver {

  private static final Namespace NAMESPACE = Namespace.create(SharedDsql.class);

  private record Held(LocalDsql dsql) implements AutoCloseable {
    @Override
    public void close() {
      dsql.close();
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == LocalDsql.class;
  }

  @Override
  public LocalDsql resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .computeIfAbsent(LocalDsql.class, _ -> new Held(start()), Held.class)
        .dsql();
  }

  private static LocalDsql start() {
    LocalDsql dsql = LocalDsql.start();
    LocalFunction.trust(dsql);
    return dsql;
  }
}
