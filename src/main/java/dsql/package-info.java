/// Aurora DSQL from events. Data flows one way:
///
/// 1. `lambda` reads the event's bytes and recognises the door: direct, HTTP or schedule;
/// 2. `codec` decodes the action object, strictly, into a request of `action`;
/// 3. `db` hands it to its action: `db.insert`, `db.query` or `db.create`;
/// 4. the action takes the table's shape from `db.jdbc`, which reads it once, and has `sql` turn
///    the request into an immutable plan of texts and parameters;
/// 5. `db.retry` borrows a connection from `db.pool`, opened by `db.connect`, and runs the plan as
///    one transaction, which commits in `db.jdbc.Transactions`; a plan that was refused for the
///    sake of its shape is made again from the shape that the table has by then;
/// 6. rows become JSON text as they are read, and the result becomes the door's reply.
///
/// An insert with a key commits in `db.insert.KeyedInserts`, in the method `write`.
///
/// Packages depend downwards only; `action` depends on the JDK alone.
@NullMarked
package dsql;

import org.jspecify.annotations.NullMarked;
