/// Aurora DSQL from events. Data flows one way:
///
/// 1. `lambda` takes the event's bytes and tells the door: direct, HTTP or schedule;
/// 2. `json` decodes the action object, strictly, into a request of `action`;
/// 3. `db` reads the table's shape (once), and `sql` turns the request into text and parameters;
/// 4. `db.pool` lends a connection, `db` runs the statements as one transaction;
/// 5. rows become JSON text as they are read, the result becomes the door's reply.
///
/// Packages depend downwards only; `action` depends on the JDK alone.
@NullMarked
package dsql;

import org.jspecify.annotations.NullMarked;
