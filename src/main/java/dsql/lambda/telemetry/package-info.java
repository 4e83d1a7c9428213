/// What each invocation logs: its line, its metrics, and its trace.
@NullMarked
package dsql.lambda.telemetry;

import org.jspecify.annotations.NullMarked;
