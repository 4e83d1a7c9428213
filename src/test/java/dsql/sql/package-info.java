/// Tests of SQL text and parameters.
@NullMarked
package dsql.sql;

import org.jspecify.annotations.NullMarked;
