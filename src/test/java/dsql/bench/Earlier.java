package dsql.bench;

import dsql.lambda.LocalFunction;
import dsql.local.LocalDsql;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.postgresql.Driver;

/// The function of an earlier commit, from a checkout of it that was built, beside this one in the
/// same JVM.
final class Earlier implements AutoCloseable {

  private final Classes classes;
  private final Object function;
  private final Method invoke;

  /// @param checkout where `target/classes` and `target/test-classes` are
  Earlier(Path checkout, LocalDsql dsql) throws Exception {
    classes = new Classes(checkout.resolve("target"));
    Class<?> type = classes.loadClass(LocalFunction.class.getName());
    function =
        type.getConstructor(Map.class).newInstance(LocalFunction.environment(dsql, Map.of()));
    invoke = type.getMethod("invoke", byte[].class);
  }

  byte[] invoke(byte[] event) throws Exception {
    return (byte[]) invoke.invoke(function, (Object) event);
  }

  @Override
  public void close() throws ReflectiveOperationException, IOException {
    function.getClass().getMethod("close").invoke(function);
    classes.close();
  }

  /// The project's own classes come from there, and so that the driver finds those that it is told
  /// by name, it is loaded anew; all others come from here.
  private static final class Classes extends URLClassLoader {

    private Classes(Path target) throws IOException {
      super(new URL[] {url(target, "classes"), url(target, "test-classes"), driver()});
    }

    private static URL driver() {
      return Driver.class.getProtectionDomain().getCodeSource().getLocation();
    }

    private static URL url(Path target, String name) throws IOException {
      Path directory = target.resolve(name);
      if (!Files.isDirectory(directory)) {
        throw new IOException(directory + " is missing: build the checkout first");
      }
      return directory.toUri().toURL();
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith("dsql.") && !name.startsWith("org.postgresql.")) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        return loaded == null ? findClass(name) : loaded;
      }
    }
  }
}
