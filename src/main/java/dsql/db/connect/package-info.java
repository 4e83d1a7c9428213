/// How DSQL is reached: tokens, TLS, and sockets whose calls end at a deadline.
@NullMarked
package dsql.db.connect;

import org.jspecify.annotations.NullMarked;
