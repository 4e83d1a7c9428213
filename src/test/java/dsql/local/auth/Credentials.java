package dsql.local.auth;

/// Temporary AWS credentials, as a Lambda function has them.
public record Credentials(String accessKeyId, String secretAccessKey, String sessionToken) {}
