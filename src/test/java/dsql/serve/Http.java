package dsql.serve;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// A client that needs no TLS. [java.net.http.HttpClient] begins by reading the JVM's trust store,
/// which is read once and must first be the local endpoint's.
final class Http {

  /// What came back.
  ///
  /// @param headers gives the first of a name, empty where there is none
  record Response(int status, String body, Headers headers) {
    @Override
    public String toString() {
      return status + " " + body;
    }
  }

  /// Looks a header up.
  interface Headers {
    String first(String name);
  }

  private Http() {}

  static Response post(URI uri, String json) throws IOException {
    return send("POST", uri, json.getBytes(StandardCharsets.UTF_8));
  }

  /// Sends a body, if it has bytes, as `application/json`.
  static Response send(String method, URI uri, byte[] body) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
    connection.setRequestMethod(method);
    if (body.length > 0) {
      connection.setRequestProperty("Content-Type", "application/json");
      connection.setDoOutput(true);
      connection.setFixedLengthStreamingMode(body.length);
      try (OutputStream out = connection.getOutputStream()) {
        out.write(body);
      }
    }
    int status = connection.getResponseCode();
    try (InputStream in =
        status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      return new Response(
          status,
          new String(in.readAllBytes(), StandardCharsets.UTF_8),
          name -> Optional.ofNullable(connection.getHeaderField(name)).orElse(""));
    }
  }
}
