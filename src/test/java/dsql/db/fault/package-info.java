/// Tests of how database errors are told apart.
@NullMarked
package dsql.db.fault;

import org.jspecify.annotations.NullMarked;
