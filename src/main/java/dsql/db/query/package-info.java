/// The action query: rows read in steps, and one page made of them.
@NullMarked
package dsql.db.query;

import org.jspecify.annotations.NullMarked;
