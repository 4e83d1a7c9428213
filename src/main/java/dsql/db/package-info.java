/// Requests, each run on a leased connection as whole transactions.
@NullMarked
package dsql.db;

import org.jspecify.annotations.NullMarked;
