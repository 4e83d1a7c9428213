/// IAM authentication tokens: who may connect, and why not.
@NullMarked
package dsql.local.auth;

import org.jspecify.annotations.NullMarked;
