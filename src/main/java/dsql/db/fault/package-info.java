/// Classifies failures of the database by SQLSTATE.
@NullMarked
package dsql.db.fault;

import org.jspecify.annotations.NullMarked;
