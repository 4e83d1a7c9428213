/// The action query: reads rows in steps and makes one page of them.
@NullMarked
package dsql.db.query;

import org.jspecify.annotations.NullMarked;
