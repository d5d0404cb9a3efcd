#!/bin/sh
# A second opinion: the store contracts and the races with their tables in Amazon's DynamoDB Local. Opt-in, since its
# licence is Amazon's own: we neither ship nor download it.
#
#   sh local/dynamodb_local.sh check                 says what is missing (exit 2), runs nothing
#   sh local/dynamodb_local.sh [pytest arguments]    runs them; without arguments, those that are meant for it
#
# DynamoDB Local listens on every address and can't be told otherwise, so all runs in a network of its own: nothing
# outside reaches it, and it reaches nothing.
set -eu
cd "$(dirname "$0")/.."

refuse() {
    printf 'test-dynamodb-local: %s\n' "$*" >&2
    exit 2
}

folder=${DYNAMODB_LOCAL:-}
[ -n "$folder" ] || refuse "where is DynamoDB Local? Download it from Amazon and unpack it" \
    "(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DynamoDBLocal.DownloadingAndRunning.html), then:
  make test-dynamodb-local DYNAMODB_LOCAL=folder DYNAMODB_LOCAL_LICENCE=accepted"
[ -f "$folder/DynamoDBLocal.jar" ] && [ -d "$folder/DynamoDBLocal_lib" ] ||
    refuse "DYNAMODB_LOCAL=$folder holds no DynamoDBLocal.jar with its DynamoDBLocal_lib; give the unpacked folder."
[ "${DYNAMODB_LOCAL_LICENCE:-}" = accepted ] ||
    refuse "DynamoDB Local has a licence of Amazon's own. Read $folder/LICENSE.txt; if you accept it, add" \
        "DYNAMODB_LOCAL_LICENCE=accepted"
command -v java >/dev/null 2>&1 || refuse "java is missing; DynamoDB Local needs 17 or later (Debian: openjdk-17-jre-headless)."
command -v unshare >/dev/null 2>&1 || refuse "unshare is missing (Debian: util-linux); this runs on Linux only."

if unshare --net true 2>/dev/null; then
    isolation="--net"
elif unshare --user --map-root-user --net true 2>/dev/null; then
    isolation="--user --map-root-user --net"
else
    refuse "this machine allows no network namespaces (unshare --net), without which DynamoDB Local would be open to" \
        "the network. Run as root or allow unprivileged user namespaces; in a container, give it CAP_SYS_ADMIN."
fi
[ "${1:-}" != check ] || exit 0
# shellcheck disable=SC2086 # words are meant
exec unshare $isolation .venv/bin/python -m local.dynamodb_local "$folder" "$@"
