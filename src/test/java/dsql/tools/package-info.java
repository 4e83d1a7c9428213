/// Programs that developers run; none of them is a test.
@NullMarked
package dsql.tools;

import org.jspecify.annotations.NullMarked;
