package dsql.lambda;

import java.time.Duration;

/// An event as it came in.
///
/// @param took how long it took to read
/// @param trace what its caller says of the trace it belongs to
public record Received(Invocation event, Duration took, Trace trace) {}
