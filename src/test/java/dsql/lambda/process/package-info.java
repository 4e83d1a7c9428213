/// The function in a process of its own, under the runtime client that Lambda starts.
@NullMarked
package dsql.lambda.process;

import org.jspecify.annotations.NullMarked;
