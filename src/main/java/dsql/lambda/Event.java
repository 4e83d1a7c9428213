package dsql.lambda;

import dsql.lambda.telemetry.Trace;
import java.time.Duration;

/// An event as Lambda delivered it.
///
/// @param took the time it took to read the event
/// @param trace the trace to which its caller says it belongs
public record Event(Invocation invocation, Duration took, Trace trace) {}
