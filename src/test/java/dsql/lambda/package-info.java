/// Tests of the function, and the main job.
@NullMarked
package dsql.lambda;

import org.jspecify.annotations.NullMarked;
