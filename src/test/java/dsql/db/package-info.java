/// Tests of transactions on a real database.
@NullMarked
package dsql.db;

import org.jspecify.annotations.NullMarked;
