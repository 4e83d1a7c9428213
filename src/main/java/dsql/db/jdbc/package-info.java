/// What the actions share: shapes of tables, parameters, rows as JSON, commits, and problems.
@NullMarked
package dsql.db.jdbc;

import org.jspecify.annotations.NullMarked;
