/// Turns requests into SQL: text with quoted names, and bound parameters.
@NullMarked
package dsql.sql;

import org.jspecify.annotations.NullMarked;
