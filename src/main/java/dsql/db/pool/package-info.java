/// The connection pool: bounded, lazily filled, without a thread of its own.
@NullMarked
package dsql.db.pool;

import org.jspecify.annotations.NullMarked;
