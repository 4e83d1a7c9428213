/// Tests of pauses and of when a transaction may run again.
@NullMarked
package dsql.db.retry;

import org.jspecify.annotations.NullMarked;
