/// Tests of the connection pool.
@NullMarked
package dsql.db.pool;

import org.jspecify.annotations.NullMarked;
