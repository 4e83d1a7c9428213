/// Tests of what the actions share.
@NullMarked
package dsql.db.jdbc;

import org.jspecify.annotations.NullMarked;
