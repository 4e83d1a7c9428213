/// Connections: from the first byte of a socket to its last.
@NullMarked
package dsql.local.session;

import org.jspecify.annotations.NullMarked;
