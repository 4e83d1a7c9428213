/// What the function is compared with: the stack that most would build it with, small and honest.
@NullMarked
package dsql.bench.peer;

import org.jspecify.annotations.NullMarked;
