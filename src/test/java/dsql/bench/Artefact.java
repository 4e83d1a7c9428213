package dsql.bench;

import dsql.bench.peer.UsualHandler;
import dsql.runtime.RuntimeProcess;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// A directory as `sam build` lays it out: classes at the root, jars in `lib`.
record Artefact(Path root) implements AutoCloseable {

  /// What the usual stack packages, by where a Maven repository keeps it.
  private static final List<String> USUAL =
      List.of(
          "/com/fasterxml/jackson/",
          "/com/zaxxer/",
          "/org/postgresql/",
          "/org/reactivestreams/",
          "/org/slf4j/",
          "/software/amazon/");

  /// This project's.
  static Artefact ours() throws IOException {
    return layOut(
        Path.of("target", "classes"), Path.of("target", "classes"), RuntimeProcess.packagedJars());
  }

  /// The usual stack's, with the SDK's modules whole.
  static Artefact usual() throws IOException {
    try {
      Path tests =
          Path.of(UsualHandler.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      List<Path> jars =
          Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
              .filter(entry -> USUAL.stream().anyMatch(entry::contains))
              .filter(entry -> !entry.contains("utils-lite"))
              .map(Path::of)
              .toList();
      return layOut(tests, tests.resolve("dsql/bench/peer"), jars);
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }

  private static Artefact layOut(Path base, Path classes, List<Path> jars) throws IOException {
    Path root = Files.createTempDirectory("artefact-");
    try (Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path target = root.resolve(base.relativize(file));
        Files.createDirectories(target.getParent());
        Files.copy(file, target);
      }
    }
    Path lib = Files.createDirectory(root.resolve("lib"));
    for (Path jar : jars) {
      Files.copy(jar, lib.resolve(jar.getFileName()));
    }
    return new Artefact(root);
  }

  long zippedBytes() throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return zipped(files.filter(Files::isRegularFile).sorted().toList());
    }
  }

  /// Zipped bytes by origin: a jar, or the packages of classes that lie open.
  Map<String, Long> weights() throws IOException {
    Map<String, List<Path>> byOrigin = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      files
          .filter(Files::isRegularFile)
          .forEach(file ->
              byOrigin
                  .computeIfAbsent(origin(root.relativize(file)), _ -> new ArrayList<>())
                  .add(file));
    }
    Map<String, Long> weights = new TreeMap<>();
    for (Map.Entry<String, List<Path>> origin : byOrigin.entrySet()) {
      weights.put(origin.getKey(), zipped(origin.getValue()));
    }
    return weights;
  }

  private static String origin(Path file) {
    String name = file.toString().replace(File.separatorChar, '/');
    if (name.startsWith("software/amazon/awssdk/")) {
      return "awssdk, " + file.getName(3);
    }
    if (name.startsWith("com/amazonaws/")) {
      return "aws-lambda-java-events";
    }
    return name.startsWith("dsql/") ? "this project" : name.startsWith("lib/") ? name : "META-INF";
  }

  private long zipped(List<Path> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.setLevel(Deflater.BEST_COMPRESSION);
      for (Path file : files) {
        zip.putNextEntry(new ZipEntry(root.relativize(file).toString()));
        Files.copy(file, zip);
      }
    }
    return bytes.size();
  }

  @Override
  public void close() throws IOException {
    Size.delete(root);
  }
}
