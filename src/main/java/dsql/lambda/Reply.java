package dsql.lambda;

import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPResponse;

/// A reply of the function.
public sealed interface Reply {

  /// A result object, or a problem in the form that the sender of an unknown event reads.
  ///
  /// @param json the JSON text; it must not be changed
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Direct(byte[] json) implements Reply {}

  /// An HTTP response, for API Gateway.
  ///
  /// @param response the status and the headers. It has no body, because a `String` may take three
  ///   times the memory
  /// @param json the body in UTF-8; it must not be changed
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Http(APIGatewayV2HTTPResponse response, byte[] json) implements Reply {}
}
