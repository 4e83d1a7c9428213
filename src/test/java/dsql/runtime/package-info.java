/// Lambda without Lambda: the Runtime API for the real runtime interface client, which runs the
/// handler in a process of its own, and the endpoint that a function restored from a snapshot gets
/// its credentials from.
@NullMarked
package dsql.runtime;

import org.jspecify.annotations.NullMarked;
