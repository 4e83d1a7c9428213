package dsql.local;

import dsql.local.auth.Credentials;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/// The endpoint for a command line: prints one line of JSON, then serves until its standard input
/// ends (see [EndOfInput]) or it is interrupted.
///
/// The optional argument is the port.
public final class Main {
  private static final Duration JOB_DELAY = Duration.ofSeconds(1);

  private Main() {}

  public static void main(String[] args) throws InterruptedException {
    int port = args.length > 0 ? Integer.parseInt(args[0]) : 0;
    EndOfInput input = EndOfInput.watch();
    try (LocalDsql dsql = LocalDsql.builder().port(port).jobDelay(JOB_DELAY).start()) {
      input.up();
      System.out.println(describe(dsql));
      input.await();
    }
  }

  private static String describe(LocalDsql dsql) {
    Credentials credentials = dsql.credentials();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("host", dsql.host());
    fields.put("port", dsql.port());
    fields.put("user", "admin");
    fields.put("database", "postgres");
    fields.put("region", dsql.region());
    fields.put("accessKeyId", credentials.accessKeyId());
    fields.put("secretAccessKey", credentials.secretAccessKey());
    fields.put("sessionToken", credentials.sessionToken());
    fields.put("token", dsql.token("admin"));
    fields.put("caFile", dsql.caFile().toAbsolutePath());
    fields.put("trustStore", dsql.trustStore().toAbsolutePath());
    fields.put("trustStorePassword", dsql.trustStorePassword());
    return fields.entrySet().stream()
        .map(e -> '"' + e.getKey() + "\":" + json(e.getValue()))
        .collect(Collectors.joining(",", "{", "}"));
  }

  private static String json(Object value) {
    return value instanceof Number
        ? value.toString()
        : '"' + value.toString().replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
