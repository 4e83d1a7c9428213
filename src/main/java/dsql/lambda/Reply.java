package dsql.lambda;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPResponse;
import java.util.Arrays;

/// A reply of the function.
public sealed interface Reply {

  /// A result object, or a problem in the form that the sender of an unknown event reads.
  final class Direct implements Reply {
    private final byte[] json;

    Direct(byte[] json) {
      this.json = json;
    }

    /// The JSON text. Not a copy: it is not to be changed.
    public byte[] json() {
      return json;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Direct direct && Arrays.equals(json, direct.json);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(json);
    }
  }

  /// An HTTP response, for API Gateway.
  ///
  /// @param response the status and the headers. It has no body, because a `String` may take three
  ///   times the memory
  /// @param json the body in UTF-8; it must not be changed
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Http(APIGatewayV2HTTPResponse response, byte[] json) implements Reply {}
}
