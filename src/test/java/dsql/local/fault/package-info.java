/// Faults on order: what a test, or a comment in a statement, can make go wrong.
@NullMarked
package dsql.local.fault;

import org.jspecify.annotations.NullMarked;
