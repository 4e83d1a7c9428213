/// Tests of the whole.
@NullMarked
package dsql;

import org.jspecify.annotations.NullMarked;
