/// What the actions share: the shapes of tables, bound parameters, rows as JSON, commits, and the
/// problems of failures.
@NullMarked
package dsql.db.jdbc;

import org.jspecify.annotations.NullMarked;
