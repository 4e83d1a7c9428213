/// Tests of connecting to a real endpoint.
@NullMarked
package dsql.db.connect;

import org.jspecify.annotations.NullMarked;
