/// Validated requests, their results, and problems. Depends on the JDK only.
@NullMarked
package dsql.action;

import org.jspecify.annotations.NullMarked;
