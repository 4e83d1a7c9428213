package dsql.local.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// AWS Signature Version 4 of a presigned `GET /` with an empty body, which is all a token is.
final class SignatureV4 {
  static final String ALGORITHM = "AWS4-HMAC-SHA256";

  private SignatureV4() {}

  /// The signature of these query parameters (`X-Amz-Signature` left out) for a host.
  static String of(
      String secretAccessKey,
      String host,
      String timestamp,
      Scope scope,
      SortedMap<String, String> query) {
    String request =
        String.join(
            "\n", "GET", "/", encode(query), "host:" + host, "", "host", hex(sha256(new byte[0])));
    String text =
        String.join(
            "\n", ALGORITHM, timestamp, scope.toString(), hex(sha256(request.getBytes(UTF_8))));
    byte[] key = ("AWS4" + secretAccessKey).getBytes(UTF_8);
    for (String part :
        new String[] {scope.date(), scope.region(), scope.service(), "aws4_request"}) {
      key = hmac(key, part);
    }
    return hex(hmac(key, text));
  }

  /// Parameters as they stand in a canonical request: in this order, percent-encoded.
  static String encode(Map<String, String> query) {
    return query.entrySet().stream()
        .map(e -> encode(e.getKey()) + "=" + encode(e.getValue()))
        .collect(Collectors.joining("&"));
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, UTF_8)
        .replace("+", "%20")
        .replace("*", "%2A")
        .replace("%7E", "~");
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  /// What a signing key is valid for: a day, a region, a service.
  record Scope(String date, String region, String service) {
    @Override
    public String toString() {
      return date + "/" + region + "/" + service + "/aws4_request";
    }
  }
}
