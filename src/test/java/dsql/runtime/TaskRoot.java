package dsql.runtime;

import com.amazonaws.services.lambda.runtime.CustomPojoSerializer;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// What a build lays out.
public final class TaskRoot {
  private TaskRoot() {}

  /// What `sam build` makes of the project: its classes in the directory itself, the libraries in
  /// `lib`.
  public static Path ofProject(Path directory) throws IOException {
    Path classes = Path.of("target", "classes");
    try (Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path target = directory.resolve(classes.relativize(file).toString());
        Files.createDirectories(target.getParent());
        Files.copy(file, target);
      }
    }
    Path libraries = Files.createDirectories(directory.resolve("lib"));
    for (Path jar : RuntimeProcess.packagedJars()) {
      Files.copy(jar, libraries.resolve(jar.getFileName()));
    }
    return directory;
  }

  /// The classes of [Echo] alone.
  static Path of(Path directory) throws IOException {
    Path source = testClasses().resolve("dsql/runtime");
    Path target = Files.createDirectories(directory.resolve("dsql/runtime"));
    try (Stream<Path> files = Files.list(source)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.equals("Echo.class") || name.startsWith("Echo$")) {
          Files.copy(file, target.resolve(name));
        }
      }
    }
    Path services = Files.createDirectories(directory.resolve("META-INF/services"));
    Files.write(
        services.resolve(CustomPojoSerializer.class.getName()),
        List.of(Echo.Serializer.class.getName()));
    return directory;
  }

  static Path testClasses() {
    try {
      return Path.of(Echo.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
