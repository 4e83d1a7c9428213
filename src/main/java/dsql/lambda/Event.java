package dsql.lambda;

import dsql.lambda.telemetry.Trace;
import java.time.Duration;

/// An event as Lambda delivered it.
///
/// @param took how long it took to read
/// @param trace what its caller says of the trace it belongs to
public record Event(Invocation invocation, Duration took, Trace trace) {}
