/// Requests run on a leased connection, each as whole transactions.
@NullMarked
package dsql.db;

import org.jspecify.annotations.NullMarked;
