/// Tests of what a caller can ask.
@NullMarked
package dsql.action;

import org.jspecify.annotations.NullMarked;
