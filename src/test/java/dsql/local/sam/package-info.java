/// What `sam local` needs to run the function in a container against the local endpoint.
@NullMarked
package dsql.local.sam;

import org.jspecify.annotations.NullMarked;
