/// Messages of the PostgreSQL protocol, framed and unframed.
@NullMarked
package dsql.local.wire;

import org.jspecify.annotations.NullMarked;
