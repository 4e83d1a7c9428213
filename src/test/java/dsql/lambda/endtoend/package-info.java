/// The function between the bytes of an event and those of its reply, in this JVM.
@NullMarked
package dsql.lambda.endtoend;

import org.jspecify.annotations.NullMarked;
