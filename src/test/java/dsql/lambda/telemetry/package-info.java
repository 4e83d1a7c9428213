/// The lines that the function logs.
@NullMarked
package dsql.lambda.telemetry;

import org.jspecify.annotations.NullMarked;
