package dsql;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dsql.local.LocalDsql;
import dsql.runtime.RuntimeProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Tags;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.params.ParameterizedTest;

/// Every class of tests has one tag: `unit` where it needs neither the local endpoint nor another
/// process, `endToEnd` where it needs the endpoint or the packaged function, `slow` where it starts
/// other programs or takes longer than some eight seconds. `mvn verify -Dquick` runs those of
/// `unit`.
@Tag("unit")
final class TagsTest {

  private static final Set<String> TAGS = Set.of("unit", "endToEnd", "slow");

  private static final JavaClasses TESTS =
      ArchConfiguration.withThreadLocalScope(configuration -> {
        // Names are enough here; to read all libraries takes a quarter of a minute.
        configuration.setResolveMissingDependenciesFromClassPath(false);
        return new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.ONLY_INCLUDE_TESTS)
            .importPackages("dsql");
      });

  @Test
  void everyTestClassHasExactlyOneTag() {
    List<String> wrong = new ArrayList<>();
    for (JavaClass type : TESTS) {
      if (type.getMethods().stream().anyMatch(TagsTest::isTest)) {
        List<String> tags = tags(type);
        if (tags.size() != 1 || !TAGS.containsAll(tags)) {
          wrong.add(type.getName() + " " + tags);
        }
      }
    }
    assertEquals(List.of(), wrong, () -> "add one @Tag of " + TAGS + " to each of these classes");
  }

  @Test
  void aUnitTestStartsNeitherTheEndpointNorAProcess() {
    noClasses()
        .that(
            DescribedPredicate.describe(
                "are tagged unit",
                type -> !type.isEquivalentTo(TagsTest.class) && tags(type).contains("unit")))
        .should()
        .transitivelyDependOnClassesThat()
        .belongToAnyOf(LocalDsql.class, RuntimeProcess.class, ProcessBuilder.class)
        .check(TESTS);
  }

  private static boolean isTest(JavaMethod method) {
    return method.isAnnotatedWith(Test.class)
        || method.isAnnotatedWith(ParameterizedTest.class)
        || method.isAnnotatedWith(RepeatedTest.class)
        || method.isAnnotatedWith(TestFactory.class)
        || method.isAnnotatedWith(TestTemplate.class);
  }

  private static List<String> tags(JavaClass type) {
    if (type.isAnnotatedWith(Tags.class)) {
      return List.of("several");
    }
    return type.isAnnotatedWith(Tag.class)
        ? List.of(type.getAnnotationOfType(Tag.class).value())
        : List.of();
  }
}
