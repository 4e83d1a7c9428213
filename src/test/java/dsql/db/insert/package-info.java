/// Tests of inserts on a real database.
@NullMarked
package dsql.db.insert;

import org.jspecify.annotations.NullMarked;
