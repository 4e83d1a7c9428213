/// Random requests and faults at once, after which nothing may be lost, doubled or falsely told.
@NullMarked
package dsql.lambda.torture;

import org.jspecify.annotations.NullMarked;
