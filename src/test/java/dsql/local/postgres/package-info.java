/// The PostgreSQL server behind the endpoint.
@NullMarked
package dsql.local.postgres;

import org.jspecify.annotations.NullMarked;
