package dsql.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dsql.local.auth.Action;
import dsql.local.auth.Credentials;
import dsql.local.auth.Login;
import dsql.local.auth.TokenSigner;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dsql.DsqlUtilities;

/// Who gets in, and what the others are told.
@Tag("endToEnd")
class LoginTest {
  private final LocalDsql dsql = Endpoints.shared();

  @ParameterizedTest
  @ValueSource(strings = {"direct", "postgres"})
  void letsAdminIn(String negotiation) throws SQLException {
    try (Connection connection =
            Endpoints.connect(dsql, "admin", dsql.token("admin"), negotiation);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select version(), current_setting('server_version'), current_user")) {
      assertTrue(row.next());
      assertEquals("PostgreSQL 16", row.getString(1));
      assertEquals("16.15", row.getString(2));
      assertEquals("admin", row.getString(3));
    }
    Login login = dsql.logins().getLast();
    assertTrue(login.accepted());
    assertEquals(dsql.credentials().accessKeyId(), login.accessKeyId());
    assertEquals("", login.sniHost(), "the JDK sends none for a name without a dot");
    assertEquals(negotiation.equals("direct"), login.directTls());
  }

  @Test
  void letsRolesIn() throws SQLException {
    try (Connection connection = Endpoints.connect(dsql, "app", dsql.token("app"), "direct");
        Statement statement = connection.createStatement()) {
      statement.execute("create table myschema.login_test (id int primary key)");
      assertEquals(1, statement.executeUpdate("insert into myschema.login_test values (1)"));
      assertTrue(statement.execute("create index async on myschema.login_test (id)"));
      SQLException refused =
          assertThrows(
              SQLException.class, () -> statement.execute("create table public.not_mine (id int)"));
      assertEquals("42501", refused.getSQLState());
    }
  }

  @Test
  void acceptsTheSdksTokens() throws SQLException {
    Credentials c = dsql.credentials();
    DsqlUtilities utilities =
        DsqlUtilities.builder()
            .region(Region.US_EAST_1)
            .credentialsProvider(
                StaticCredentialsProvider.create(
                    AwsSessionCredentials.create(
                        c.accessKeyId(), c.secretAccessKey(), c.sessionToken())))
            .build();
    String token =
        utilities.generateDbConnectAdminAuthToken(
            b -> b.hostname("localhost").region(Region.US_EAST_1));
    Endpoints.connect(dsql, "admin", token, "direct").close();
  }

  @Test
  void refusesPlaintext() {
    SQLException refused =
        assertThrows(
            SQLException.class,
            () ->
                DriverManager.getConnection(
                    "jdbc:postgresql://" + dsql.endpoint() + "/postgres?sslmode=disable",
                    "admin",
                    dsql.token("admin")));
    assertEquals("08006", refused.getSQLState());
  }

  @Test
  void namesTheReasonInTheHint() {
    Credentials c = dsql.credentials();
    Instant now = Instant.now();
    Duration quarter = Duration.ofMinutes(15);
    Credentials forged = new Credentials(c.accessKeyId(), "another secret", c.sessionToken());
    Credentials stranger = new Credentials("ASIAUNKNOWN", "secret", "token");

    refused("Wrong user to action mapping. user: admin, action: DbConnect", dsql.token("app"));
    refused(
        "Signature expired: ", sign(c, "localhost", "us-east-1", now.minusSeconds(901), quarter));
    refused(
        "X-Amz-Expires must be less than a week (in seconds)",
        sign(c, "localhost", "us-east-1", now, Duration.ofSeconds(604_801)));
    refused("Credential should be", sign(c, "localhost", "eu-west-1", now, quarter));
    refused(
        "The token was signed for another host", sign(c, "elsewhere", "us-east-1", now, quarter));
    refused("The request signature", sign(forged, "localhost", "us-east-1", now, quarter));
    refused("The security token", sign(stranger, "localhost", "us-east-1", now, quarter));
    refused("The password is not an authentication token.", "secret");
    refused(
        "The request signature",
        dsql.token("admin").replace("X-Amz-Expires=900", "X-Amz-Expires=901"));
  }

  @Test
  void followsRotatingCredentials() throws SQLException {
    Credentials fresh = new Credentials("ASIAROTATED", "fresh secret", "fresh/session+token=");
    String token = sign(fresh, "localhost", "us-east-1", Instant.now(), Duration.ofMinutes(15));
    refused("The security token", token);
    dsql.trust(fresh);
    try (Connection open = Endpoints.connect(dsql, "admin", token, "direct")) {
      dsql.revoke("ASIAROTATED");
      refused("The security token", token);
      assertTrue(open.isValid(1));
    }
    assertFalse(dsql.logins().getLast().accepted());
  }

  @Test
  void demandsAMappingOfRoles() throws SQLException {
    try (Connection admin = Endpoints.connect(dsql);
        Statement statement = admin.createStatement()) {
      statement.execute("drop role if exists unmapped");
      statement.execute("create role unmapped with login");
      String token = dsql.token("unmapped");
      PSQLException refused =
          assertThrows(
              PSQLException.class, () -> Endpoints.connect(dsql, "unmapped", token, "direct"));
      assertTrue(
          String.valueOf(refused.getMessage())
              .contains("is not authorized to access this resource"));
      statement.execute("aws iam grant unmapped to 'arn:aws:iam::111122223333:role/example'");
      try (Connection role = Endpoints.connect(dsql, "unmapped", token, "direct");
          Statement select = role.createStatement()) {
        SQLException confined =
            assertThrows(SQLException.class, () -> select.execute("create schema mine"));
        assertEquals("42501", confined.getSQLState());
        SQLException mapping =
            assertThrows(
                SQLException.class, () -> select.execute("aws iam grant app to 'arn:aws:x'"));
        assertEquals("42501", mapping.getSQLState());
      }
    }
  }

  @Test
  void refusesSettingsAtTheStart() {
    SQLException refused =
        assertThrows(
            SQLException.class,
            () ->
                Endpoints.connect(
                    dsql, "admin", dsql.token("admin"), "direct", "options", "-c lock_timeout=1"));
    assertEquals("0A000", refused.getSQLState());
  }

  @Test
  void refusesASettingByOrder() {
    dsql.faults().refuseSettings("intervalstyle");
    try {
      SQLException refused =
          assertThrows(SQLException.class, () -> withSettings("-c IntervalStyle=iso_8601"));
      assertEquals("0A000", refused.getSQLState());
      assertTrue(
          String.valueOf(refused.getMessage())
              .contains("setting configuration parameter \"IntervalStyle\" not supported"));
    } finally {
      dsql.faults().clear();
    }
  }

  @Test
  void sessionsBeginWithTheServersValuesOrTheirOwn() throws SQLException {
    try (LocalDsql other =
        LocalDsql.builder()
            .startValue("intervalstyle", "sql_standard")
            .startValue("bytea_output", "escape")
            .start()) {
      String question = "SELECT (interval '1 day 1 hour')::text || ' ' || '\\x00'::bytea::text";
      try (Connection plain = Endpoints.connect(other)) {
        assertEquals("1 1:00:00 \\000", answer(plain, question));
      }
      String token = other.token("admin");
      try (Connection asked =
          Endpoints.connect(
              other, "admin", token, "direct", "options", "-c intervalstyle=iso_8601")) {
        assertEquals("P1DT1H \\000", answer(asked, question));
      }
    }
  }

  private Connection withSettings(String options) throws SQLException {
    return Endpoints.connect(dsql, "admin", dsql.token("admin"), "direct", "options", options);
  }

  private static String answer(Connection connection, String question) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(question)) {
      row.next();
      return String.valueOf(row.getString(1));
    }
  }

  @Test
  void refusesAMissingServerNameIfAsked() {
    try (LocalDsql strict = LocalDsql.builder().requireSni(true).start()) {
      SQLException refused =
          assertThrows(
              SQLException.class,
              () ->
                  DriverManager.getConnection(
                      "jdbc:postgresql://127.0.0.1:"
                          + strict.port()
                          + "/postgres?sslmode=require&sslfactory=org.postgresql.ssl.NonValidatingFactory",
                      "admin",
                      strict.token("admin")));
      assertTrue(
          String.valueOf(refused.getMessage())
              .contains("unable to accept connection, sni was not received"));
    }
  }

  private static String sign(
      Credentials credentials, String host, String region, Instant at, Duration life) {
    return TokenSigner.sign(credentials, host, region, Action.DbConnectAdmin, at, life);
  }

  private void refused(String hint, String password) {
    PSQLException refused =
        assertThrows(
            PSQLException.class, () -> Endpoints.connect(dsql, "admin", password, "postgres"));
    ServerErrorMessage message = refused.getServerErrorMessage();
    assertNotNull(message);
    assertEquals("08006", message.getSQLState());
    assertEquals("FATAL", message.getSeverity());
    assertEquals("unable to accept connection, access denied", message.getMessage());
    assertTrue(String.valueOf(message.getHint()).startsWith(hint), () -> message.getHint() + "");
  }
}
