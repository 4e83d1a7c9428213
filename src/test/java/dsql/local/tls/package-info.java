/// A certificate authority that lives as long as the endpoint.
@NullMarked
package dsql.local.tls;

import org.jspecify.annotations.NullMarked;
