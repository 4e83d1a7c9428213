/// The parts of the function, each by itself, and the whole of it in this JVM: `LocalFunction`.
@NullMarked
package dsql.lambda;

import org.jspecify.annotations.NullMarked;
