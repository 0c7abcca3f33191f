// What requests to an S3 service are signed with.
#pragma once

#include "core/error.hpp"

#include <filesystem>
#include <string>

namespace chalkstream::pipelines::remote {

/// Secrets: never part of an error, a log line or a result.
struct s3_credentials {
  std::string key_id;
  std::string secret;
  /// Of credentials that expire; empty otherwise.
  std::string session_token;
};

/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and perhaps AWS_SESSION_TOKEN. not_found where one of the first two is
/// not set.
result<s3_credentials> s3_credentials_from_environment();

/// A file as Amazon's tools have it: `aws_access_key_id = …`, `aws_secret_access_key = …` and perhaps
/// `aws_session_token = …`, outside any section or in [default]; lines that begin with # or ; and other keys do not
/// count. An error names the file and what is missing.
result<s3_credentials> s3_credentials_from_file(const std::filesystem::path& file);

} // namespace chalkstream::pipelines::remote
