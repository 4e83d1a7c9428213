/// What is known of how a real cluster takes the function's SQL: `docs/dsql-evidence.md`, held
/// against all that the function sends in the tests.
@org.jspecify.annotations.NullMarked
package dsql.evidence;
