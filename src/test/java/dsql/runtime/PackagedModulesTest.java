package dsql.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.File;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;

/// What is deployed tells of every module in it, and of no other: of those whose classes lie among
/// the function's, and of the jars beside them.
@Tag("endToEnd")
@TestInstance(Lifecycle.PER_CLASS)
final class PackagedModulesTest {

  private static final String BILL = "META-INF/sbom/application.cdx.json";

  private Path root;

  /// The jars of the class path that classes of the artefact are from.
  private Set<Path> unpacked;

  @BeforeAll
  void look(@TempDir Path directory) throws IOException {
    root = ArtefactTest.taskRoot(directory);
    unpacked = unpacked();
  }

  private Set<Path> unpacked() throws IOException {
    Set<String> left = new HashSet<>(classes());
    Set<Path> jars = new TreeSet<>();
    for (Path jar : classPath()) {
      try (JarFile file = new JarFile(jar.toFile())) {
        if (left.removeIf(name -> file.getEntry(name) != null)) {
          jars.add(jar);
        }
      }
    }
    left.removeIf(PackagedModulesTest::isOurs);
    assertEquals(Set.of(), left, "classes of nobody");
    return jars;
  }

  private List<String> classes() throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .map(file -> root.relativize(file).toString().replace('\\', '/'))
          .filter(name -> name.endsWith(".class"))
          .toList();
    }
  }

  /// Whether the sources have its package.
  private static boolean isOurs(String name) {
    return Files.isDirectory(Path.of("src", "main", "java").resolve(name).resolveSibling("."));
  }

  private static List<Path> classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> entry.endsWith(".jar"))
        .map(Path::of)
        .toList();
  }

  @Test
  void whatIsUnpackedIsMoreThanAHandful() {
    assertTrue(unpacked.size() >= 14, unpacked::toString);
  }

  @Test
  void everyUnpackedModuleHasItsCoordinates() throws IOException {
    Set<Path> named = new TreeSet<>();
    for (Properties module : coordinates()) {
      named.add(
          jarOf(
              module.getProperty("groupId"),
              module.getProperty("artifactId"),
              module.getProperty("version")));
    }
    assertEquals(unpacked, named);
  }

  private List<Properties> coordinates() throws IOException {
    try (Stream<Path> files = Files.walk(root.resolve("META-INF"))) {
      return files
          .filter(file -> file.endsWith("pom.properties"))
          .map(PackagedModulesTest::properties)
          .toList();
    }
  }

  /// Where a repository has a module's jar; that of the class path if it is there.
  private static Path jarOf(String group, String name, String version) {
    Path place = Path.of(group.replace('.', '/'), name, version, name + "-" + version + ".jar");
    return classPath().stream().filter(jar -> jar.endsWith(place)).findFirst().orElse(place);
  }

  /// Some scanners read the POM of a directory, and no properties.
  @Test
  void thePomSaysTheSame() throws Exception {
    assertFalse(coordinates().isEmpty());
    for (Properties module : coordinates()) {
      Path pom =
          root.resolve(
              "META-INF/maven/%s/%s/pom.xml"
                  .formatted(module.getProperty("groupId"), module.getProperty("artifactId")));
      Element project =
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(pom.toFile())
              .getDocumentElement();
      for (String name : module.stringPropertyNames()) {
        assertEquals(
            module.getProperty(name), project.getElementsByTagName(name).item(0).getTextContent());
      }
    }
  }

  @Test
  void theBillListsWhatIsPackagedAndNothingElse() throws Exception {
    Map<Path, String> packaged = new TreeMap<>();
    for (Path jar : unpacked) {
      packaged.put(jar, sha256(jar));
    }
    try (Stream<Path> jars = Files.list(root.resolve("lib"))) {
      for (Path jar : jars.toList()) {
        packaged.put(original(jar), sha256(jar));
      }
    }
    Map<Path, String> listed = new TreeMap<>();
    for (JsonObject component : components(bill()).toList()) {
      JsonObject hash = component.getAsJsonArray("hashes").get(0).getAsJsonObject();
      listed.put(
          jarOf(text(component, "group"), text(component, "name"), text(component, "version")),
          text(hash, "content"));
    }
    assertEquals(packaged, listed);
  }

  /// The same jar in the class path, whose name there is the repository's.
  private static Path original(Path jar) throws IOException {
    for (Path candidate : classPath()) {
      if (Files.mismatch(candidate, jar) == -1) {
        return candidate;
      }
    }
    return jar;
  }

  @Test
  void theBillAndTheCoordinatesAgree() throws IOException {
    Set<String> listed = new TreeSet<>();
    for (JsonObject component : components(bill()).toList()) {
      String url =
          url(text(component, "group"), text(component, "name"), text(component, "version"));
      assertEquals(url, text(component, "purl"));
      listed.add(url);
    }
    for (Properties module : coordinates()) {
      String url =
          url(
              module.getProperty("groupId"),
              module.getProperty("artifactId"),
              module.getProperty("version"));
      assertTrue(listed.contains(url), url);
    }
  }

  private static String url(String group, String name, String version) {
    return "pkg:maven/%s/%s@%s".formatted(group, name, version);
  }

  @Test
  void theBillIsOfCycloneDxsSchema() throws IOException {
    SchemaRegistry registry =
        SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_7,
            builder ->
                builder.schemaIdResolvers(resolvers ->
                    resolvers.mapPrefix("http://cyclonedx.org/schema/", "classpath:")));
    assertEquals(
        List.of(),
        registry
            .getSchema(SchemaLocation.of("http://cyclonedx.org/schema/bom-1.6.schema.json"))
            .validate(bill(), InputFormat.JSON));
  }

  @Test
  void theBillLiesBesideTheArtefactToo() throws IOException {
    assertEquals(bill(), Files.readString(Path.of("target", "bom.json")));
  }

  @Test
  void aModuleThatIsUnpackedLaterIsListed(@TempDir Path directory) throws IOException {
    Path classes = Files.createDirectories(directory.resolve("classes"));
    Path later = jar(directory.resolve("later-2.0.jar"), "later/Later.class");
    Path copied = jar(directory.resolve("copied-3.0-jdk8.jar"), "copied/Copied.class");
    Path absent = jar(directory.resolve("absent-4.0.jar"), "absent/Absent.class");
    write(classes, "later/Later.class");
    write(classes, "dsql/lambda/Handler.class");

    runBill(
        directory,
        "   org.later:later:jar:2.0:provided (optional) :" + later,
        "   org.copied:copied:jar:jdk8:3.0:runtime:" + copied + " -- module copied (auto)",
        "   org.absent:absent:jar:4.0:test:" + absent + " -- module absent");

    String bill = Files.readString(directory.resolve("bom.json"));
    assertEquals(
        List.of("pkg:maven/org.copied/copied@3.0", "pkg:maven/org.later/later@2.0"),
        components(bill).map(component -> text(component, "purl")).toList());
    assertEquals(bill, Files.readString(classes.resolve(BILL)));
    Properties module =
        properties(classes.resolve("META-INF/maven/org.later/later/pom.properties"));
    assertEquals(Map.of("groupId", "org.later", "artifactId", "later", "version", "2.0"), module);
    assertFalse(Files.exists(classes.resolve("META-INF/maven/org.copied")));
  }

  @Test
  void aClassOfNoDependencyIsRefused(@TempDir Path directory) throws IOException {
    write(directory.resolve("classes"), "stale/Stale.class");
    Exception refused = assertThrows(IllegalStateException.class, () -> runBill(directory));
    assertTrue(refused.toString().contains("stale/Stale.class"), refused::toString);
  }

  @Test
  void aLineThatIsNotUnderstoodIsRefused(@TempDir Path directory) throws IOException {
    Files.createDirectories(directory.resolve("classes"));
    assertThrows(IllegalStateException.class, () -> runBill(directory, "   later:2.0:/later.jar"));
  }

  private static void runBill(Path directory, String... resolved) throws IOException {
    Path list = Files.write(directory.resolve("resolved.txt"), List.of(resolved));
    BillOfMaterials.main(
        new String[] {
          list.toString(),
          directory.resolve("classes").toString(),
          "org.project:project:1.0",
          directory.resolve("bom.json").toString()
        });
  }

  private static Path jar(Path file, String entry) throws IOException {
    try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(file))) {
      jar.putNextEntry(new JarEntry(entry));
    }
    return file;
  }

  private static void write(Path root, String name) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.resolveSibling("."));
    Files.createFile(file);
  }

  private static Stream<JsonObject> components(String bill) {
    return new Gson()
        .fromJson(bill, JsonObject.class).getAsJsonArray("components").asList().stream()
            .map(JsonElement::getAsJsonObject);
  }

  private String bill() throws IOException {
    return Files.readString(root.resolve(BILL));
  }

  private static String text(JsonObject component, String name) {
    return component.get(name).getAsString();
  }

  private static Properties properties(Path file) {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties;
  }

  private static String sha256(Path file) throws IOException, NoSuchAlgorithmException {
    return HexFormat.of()
        .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
  }
}
