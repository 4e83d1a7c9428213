/// The HTTP door on this machine: what API Gateway does before and after the function.
@NullMarked
package dsql.serve;

import org.jspecify.annotations.NullMarked;
