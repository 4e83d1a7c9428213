/// The Lambda function: its entry point, its doors, its configuration and its hooks for SnapStart.
@NullMarked
package dsql.lambda;

import org.jspecify.annotations.NullMarked;
