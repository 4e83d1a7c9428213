/// Repeats whole transactions: when that is safe, how often and after which pause.
@NullMarked
package dsql.db.retry;

import org.jspecify.annotations.NullMarked;
