/// What a caller can ask and be told: validated requests, results, problems. Depends on the JDK
/// only.
@NullMarked
package dsql.action;

import org.jspecify.annotations.NullMarked;
