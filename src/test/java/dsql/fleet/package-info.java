/// A fleet of environments on virtual time: the function's own pool, retry and deadline against a
/// model of the cluster's limits and of Lambda's scaling.
@NullMarked
package dsql.fleet;

import org.jspecify.annotations.NullMarked;
