#!/bin/bash
# chain.sh PLATFORM IMS CACERT NAME: the set-up of a destination as people write it with curl: one process a call.
# CACERT may be empty.
set -euo pipefail
platform=$1 ims=$2 name=$4
service=$platform/data/foundation/flowservice
trust=()
[ -z "$3" ] || trust=(--cacert "$3")
profile_store='{"id":"8a9c3494-9708-43d7-ae3f-cda01e5030e1","version":"1.0"}'
amazon_s3='{"id":"4890fc95-5a1f-4983-94bb-e060c08e3f81","version":"1.0"}'
flow_spec='{"id":"71471eba-b620-49e4-90fd-23f1fa0174d8","version":"1.0"}'

# field NAME: the value of the first field of that name in the answer.
field() {
  [[ $answer =~ \"$1\":\"(([^\\\"]|\\.)*)\" ]]
  printf '%s' "${BASH_REMATCH[1]//[\\\"]/}"
}

call() { # call METHOD PATH [BODY [HEADER]]: the answer is in $answer
  answer=$(curl -sSf "${trust[@]}" -X "$1" "$service$2" -H "Authorization: Bearer $token" -H 'x-api-key: client' \
    -H 'x-gw-ims-org-id: 0123456789ABCDEF01234567@AdobeOrg' -H 'x-sandbox-name: prod' \
    -H 'Content-Type: application/json' ${3:+-d "$3"} ${4:+-H "$4"})
}

attribute() {
  printf '{"op":"add","path":"/transformations/0/params/profileSelectors/selectors/-",'
  printf '"value":{"type":"JSON_PATH","value":{"path":"%s"}}},' "$1"
}

answer=$(curl -sSf "${trust[@]}" "$ims/ims/token/v3" \
  -d 'grant_type=client_credentials&client_id=client&client_secret=secret&scope=openid')
token=$(field access_token)

call POST /connections '{"name":"'"$name"' - Profile Store","connectionSpec":'"$profile_store"'}'
store=$(field id)
call POST /connections '{"name":"'"$name"' - account","connectionSpec":'"$amazon_s3"',"auth":{"specName":"Access Key",
  "params":{"s3AccessKey":"AKIAEXAMPLEEXAMPLE22","s3SecretKey":"exampleexampleexampleexampleexampleexamp"}}}'
account=$(field id)
call POST /sourceConnections '{"name":"'"$name"' - Profile Store source","connectionSpec":'"$profile_store"',
  "baseConnectionId":"'"$store"'","data":{"format":"CSV","schema":null},"params":{}}'
source=$(field id)
call POST /targetConnections '{"name":"'"$name"' - target","connectionSpec":'"$amazon_s3"',
  "baseConnectionId":"'"$account"'","data":{"format":"json","schema":{"id":"1.0","version":"1.0"}},
  "params":{"mode":"S3","bucketName":"example-audiences","path":"exports/daily","format":"CSV"}}'
target=$(field id)
call POST /flows '{"name":"'"$name"'","flowSpec":'"$flow_spec"',"sourceConnectionIds":["'"$source"'"],
  "targetConnectionIds":["'"$target"'"],"transformations":[{"name":"GeneralTransform","params":{
  "profileSelectors":{"selectors":[]},"segmentSelectors":{"selectors":[]}}}]}'
flow=$(field id) etag=$(field etag)
call PATCH "/flows/$flow" '[{"op":"add","path":"/transformations/0/params/segmentSelectors/selectors/-","value":{
  "type":"PLATFORM_SEGMENT","value":{"id":"0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1","name":"Loyal customers",
  "filenameTemplate":"%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%","exportMode":"DAILY_FULL_EXPORT",
  "schedule":{"frequency":"DAILY","triggerType":"SCHEDULED","startDate":"2030-01-01","endDate":"2030-12-31",
  "startTime":"02:00"}}}},'"$(
    for path in person.name.firstName person.name.lastName personalEmail.address \
      segmentMembership.seg_namespace.seg_id.status; do attribute "$path"; done
  )"'{"op":"add","path":"/transformations/0/params/profileSelectors/mandatoryFields","value":["personalEmail.address"]},
  {"op":"add","path":"/transformations/0/params/profileSelectors/primaryFields",
  "value":[{"fieldType":"ATTRIBUTE","attributePath":"personalEmail.address"}]}]' "If-Match: \"$etag\""
call GET "/flows/$flow"
