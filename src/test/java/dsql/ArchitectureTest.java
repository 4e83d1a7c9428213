package dsql;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import dsql.lambda.Handler;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Data flows one way, and so do dependencies.
@Tag("unit")
final class ArchitectureTest {

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dsql");

  @Test
  void actionsKnowTheJdkOnly() {
    classes()
        .that()
        .resideInAPackage("dsql.action")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "dsql.action",
            "java.lang..",
            "java.util..",
            "java.nio.charset",
            "org.jspecify.annotations")
        .check(MAIN);
    none("dsql.action", "java.sql..", "javax.sql..", "org.postgresql..", "com.amazonaws..");
  }

  @Test
  void jsonKnowsTheJdkOnly() {
    classes()
        .that()
        .resideInAPackage("dsql.json")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "dsql.json",
            "java.io",
            "java.lang..",
            "java.nio..",
            "java.util..",
            "org.jspecify.annotations")
        .check(MAIN);
  }

  @Test
  void packagesDependDownwards() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("lambda")
        .definedBy("dsql.lambda")
        .layer("telemetry")
        .definedBy("dsql.lambda.telemetry")
        .layer("db")
        .definedBy("dsql.db")
        .layer("actions")
        .definedBy("dsql.db.insert", "dsql.db.query", "dsql.db.create")
        .layer("jdbc")
        .definedBy("dsql.db.jdbc")
        .layer("retry")
        .definedBy("dsql.db.retry")
        .layer("connect")
        .definedBy("dsql.db.connect")
        .layer("pool")
        .definedBy("dsql.db.pool")
        .layer("fault")
        .definedBy("dsql.db.fault")
        .layer("sql")
        .definedBy("dsql.sql")
        .layer("codec")
        .definedBy("dsql.codec")
        .layer("json")
        .definedBy("dsql.json")
        .layer("action")
        .definedBy("dsql.action")
        .whereLayer("lambda")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("telemetry")
        .mayOnlyBeAccessedByLayers("lambda")
        .whereLayer("db")
        .mayOnlyBeAccessedByLayers("lambda")
        .whereLayer("actions")
        .mayOnlyBeAccessedByLayers("db")
        .whereLayer("jdbc")
        .mayOnlyBeAccessedByLayers("lambda", "db", "actions")
        .whereLayer("retry")
        .mayOnlyBeAccessedByLayers("lambda", "telemetry", "db", "actions", "jdbc")
        .whereLayer("connect")
        .mayOnlyBeAccessedByLayers("lambda", "telemetry", "db", "actions", "jdbc", "retry")
        .whereLayer("pool")
        .mayOnlyBeAccessedByLayers(
            "lambda", "telemetry", "db", "actions", "jdbc", "retry", "connect")
        .whereLayer("fault")
        .mayOnlyBeAccessedByLayers(
            "lambda", "telemetry", "db", "actions", "jdbc", "retry", "connect", "pool")
        .whereLayer("sql")
        .mayOnlyBeAccessedByLayers("db", "actions", "jdbc")
        .whereLayer("codec")
        .mayOnlyBeAccessedByLayers("lambda", "db", "actions", "jdbc")
        .whereLayer("json")
        .mayOnlyBeAccessedByLayers("lambda", "telemetry", "db", "actions", "jdbc", "sql", "codec")
        .check(MAIN);
    // No action knows another.
    SlicesRuleDefinition.slices()
        .matching("dsql.db.(insert|query|create)")
        .should()
        .notDependOnEachOther()
        .check(MAIN);
    SlicesRuleDefinition.slices().matching("dsql.(**)").should().beFreeOfCycles().check(MAIN);
  }

  @Test
  void foreignTypesStayWhereTheyBelong() {
    none("dsql.sql", "java.sql..", "org.postgresql..", "com.amazonaws..", "software.amazon..");
    none("dsql.db..", "com.amazonaws..", "com.google.gson..");
    none("dsql.lambda", "java.sql..", "org.postgresql..", "com.google.gson..");
  }

  @Test
  void theApplicationIsTheOnlyStaticState() {
    fields()
        .that()
        .areStatic()
        .and()
        .areNotFinal()
        .should()
        .beDeclaredIn(Handler.class)
        .check(MAIN);
    ArchRule environment =
        noClasses()
            .that()
            .doNotBelongToAnyOf(Handler.class)
            .should()
            .callMethod(System.class, "getenv")
            .orShould()
            .callMethod(System.class, "getenv", String.class);
    environment.check(MAIN);
    ArchRule properties =
        noClasses()
            .that()
            // Whether the JVM was given a trust store.
            .haveNameNotMatching("dsql\\.db\\.connect\\.Tls.*")
            .should()
            .callMethod(System.class, "getProperty", String.class);
    properties.check(MAIN);
  }

  @Test
  void theStaticStateIsOneField() {
    long mutable =
        MAIN.stream()
            .flatMap(type -> type.getFields().stream())
            .filter(field -> field.getModifiers().contains(JavaModifier.STATIC))
            .filter(field -> !field.getModifiers().contains(JavaModifier.FINAL))
            .count();
    assertEquals(1, mutable);
  }

  private static void none(String from, String... to) {
    noClasses()
        .that()
        .resideInAPackage(from)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(to)
        .check(MAIN);
  }
}
