# Only with credentials that somebody has put here.
command -v aws >/dev/null 2>&1 || return 127
[ -n "$AWS_ACCESS_KEY_ID" ] || [ -r "$HOME/.aws/credentials" ] || { echo 'there are no credentials for S3' >&2; return 77; }
$T aws --endpoint-url "$ENDPOINT" s3 ls >/dev/null && echo listed
