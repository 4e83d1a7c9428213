/// The Lambda function: doors, configuration, problems.
@NullMarked
package dsql.lambda;

import org.jspecify.annotations.NullMarked;
