/// What went wrong in the database, decided by SQLSTATE.
@NullMarked
package dsql.db.fault;

import org.jspecify.annotations.NullMarked;
