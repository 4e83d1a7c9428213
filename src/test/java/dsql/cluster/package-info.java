/// One command that asks a cluster whether it answers as the local endpoint assumes.
@NullMarked
package dsql.cluster;

import org.jspecify.annotations.NullMarked;
