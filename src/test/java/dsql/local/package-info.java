/// A local Aurora DSQL endpoint: TLS, IAM tokens and the dialect of the service in front of an
/// embedded PostgreSQL.
///
/// [dsql.local.LocalDsql] is the door for tests, [dsql.local.Main] the one for a command line.
/// Packages depend downwards only: `session` on `sql`, `auth`, `tls` and `wire`; those on nothing.
@NullMarked
package dsql.local;

import org.jspecify.annotations.NullMarked;
