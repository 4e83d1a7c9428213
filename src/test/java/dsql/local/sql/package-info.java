/// Reading SQL: tokens, statements, and what the service makes of them.
@NullMarked
package dsql.local.sql;

import org.jspecify.annotations.NullMarked;
