/// The test of the architecture, and what tests of several packages share.
@NullMarked
package dsql;

import org.jspecify.annotations.NullMarked;
