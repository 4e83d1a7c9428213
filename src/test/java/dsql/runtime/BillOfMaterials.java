package dsql.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The main job: writes down, for those who scan the artefact, which modules are in it. Most of
/// them lie unpacked among the classes, where nothing else tells of them. Each of those gets its
/// coordinates in `META-INF/maven`; they and the jars of `lib` make up a bill of materials.
///
/// What is unpacked is read off the classes that are there, not off a list. Maven runs this file
/// from its source, and without a class path.
final class BillOfMaterials {

  /// A line of what `dependency:list` writes, with absolute file names:
  /// `group:name:jar[:classifier]:version:scope[ (optional)]:file[ -- module …]`.
  private static final Pattern RESOLVED =
      Pattern.compile(
          "\\s+([^:\\s]+):([^:]+):[^:]+:(?:[^:]+:)?([^:]+):(\\w+)(?: \\(optional\\) ?)?:(.+?\\.jar)(?: -- .*)?");

  /// What `sam build` copies into `lib`.
  private static final Set<String> COPIED = Set.of("compile", "runtime");

  private static final String OWN = "dsql/";

  private BillOfMaterials() {}

  /// Runs it.
  ///
  /// @param arguments what `dependency:list` wrote, the directory of the classes, the project as
  ///   `group:name:version`, and a second place for the bill
  public static void main(String[] arguments) throws IOException {
    Path classes = Path.of(arguments[1]);
    List<Dependency> resolved = resolved(Path.of(arguments[0]));
    List<Dependency> unpacked = unpacked(classes, resolved);
    for (Dependency dependency : unpacked) {
      dependency.writeCoordinates(classes);
    }
    List<Dependency> packaged =
        Stream.concat(unpacked.stream(), resolved.stream().filter(Dependency::copied))
            .sorted(Comparator.comparing(Dependency::url))
            .toList();
    String bill = bill(arguments[2].split(":"), packaged);
    Path ofArtefact = classes.resolve("META-INF/sbom/application.cdx.json");
    Files.createDirectories(ofArtefact.getParent());
    Files.writeString(ofArtefact, bill);
    Files.writeString(Path.of(arguments[3]), bill);
  }

  private static List<Dependency> resolved(Path list) throws IOException {
    List<Dependency> dependencies = new ArrayList<>();
    for (String line : Files.readAllLines(list)) {
      Matcher matcher = RESOLVED.matcher(line);
      if (matcher.matches()) {
        dependencies.add(
            new Dependency(
                matcher.group(1),
                matcher.group(2),
                matcher.group(3),
                COPIED.contains(matcher.group(4)),
                Path.of(matcher.group(5))));
      } else if (line.contains(".jar")) {
        throw new IllegalStateException("Not read: " + line);
      }
    }
    return dependencies;
  }

  private static List<Dependency> unpacked(Path classes, List<Dependency> resolved)
      throws IOException {
    Set<String> foreign = foreignClasses(classes);
    List<Dependency> unpacked = new ArrayList<>();
    for (Dependency dependency : resolved) {
      if (!dependency.copied() && foreign.removeAll(dependency.classes())) {
        unpacked.add(dependency);
      }
    }
    if (!foreign.isEmpty()) {
      throw new IllegalStateException(
          "Classes of no dependency; `mvn clean` removes what an earlier build left: " + foreign);
    }
    return unpacked;
  }

  private static Set<String> foreignClasses(Path classes) throws IOException {
    try (Stream<Path> files = Files.walk(classes)) {
      return files
          .map(file -> classes.relativize(file).toString().replace('\\', '/'))
          .filter(name -> name.endsWith(".class") && !name.startsWith(OWN))
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  /// No number and no time of its own, so that the same build writes the same bytes.
  private static String bill(String[] project, List<Dependency> packaged) {
    return """
    {
      "bomFormat": "CycloneDX",
      "specVersion": "1.6",
      "version": 1,
      "metadata": {
        "lifecycles": [{"phase": "build"}],
        "component": {"type": "application", "group": "%s", "name": "%s", "version": "%s"}
      },
      "components": [
    %s
      ]
    }
    """
        .formatted(
            project[0],
            project[1],
            project[2],
            packaged.stream().map(Dependency::component).collect(Collectors.joining(",\n")));
  }

  /// A dependency.
  ///
  /// @param copied whether its jar goes into `lib` as it is
  private record Dependency(String group, String name, String version, boolean copied, Path jar) {

    String url() {
      return "pkg:maven/%s/%s@%s".formatted(group, name, version);
    }

    Set<String> classes() throws IOException {
      try (JarFile file = new JarFile(jar.toFile())) {
        return file.stream()
            .map(entry -> entry.getName())
            .filter(entry -> entry.endsWith(".class"))
            .collect(Collectors.toSet());
      }
    }

    /// Scanners of archives read the properties, some scanners of directories the POM alone. It is
    /// not the module's own, which names what that was built and tested with.
    void writeCoordinates(Path classes) throws IOException {
      Path directory = classes.resolve("META-INF/maven").resolve(group).resolve(name);
      Files.createDirectories(directory);
      Files.writeString(
          directory.resolve("pom.properties"),
          "groupId=%s\nartifactId=%s\nversion=%s\n".formatted(group, name, version));
      Files.writeString(
          directory.resolve("pom.xml"),
          """
          <project xmlns="http://maven.apache.org/POM/4.0.0">
            <modelVersion>4.0.0</modelVersion>
            <groupId>%s</groupId>
            <artifactId>%s</artifactId>
            <version>%s</version>
          </project>
          """
              .formatted(group, name, version));
    }

    String component() {
      return """
          {
            "type": "library",
            "bom-ref": "%1$s",
            "group": "%2$s",
            "name": "%3$s",
            "version": "%4$s",
            "scope": "required",
            "hashes": [{"alg": "SHA-256", "content": "%5$s"}],
            "purl": "%1$s"
          }\
      """
          .formatted(url(), group, name, version, sha256(jar));
    }
  }

  private static String sha256(Path file) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
