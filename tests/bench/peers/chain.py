"""chain.py PLATFORM IMS CACERT NAME: the set-up of a destination as people write it with requests: one session, one
call after the other. CACERT may be empty."""

import sys

import requests

platform, ims, cacert, name = sys.argv[1:5]
service = platform + "/data/foundation/flowservice"
session = requests.Session()
session.verify = cacert or True


def checked(answer):
    answer.raise_for_status()
    return answer.json() if answer.content else None


def call(method, path, body=None, headers=None):
    return checked(session.request(method, service + path, json=body, headers=headers, timeout=60))


def spec(identifier):
    return {"id": identifier, "version": "1.0"}


def add(place, value):
    return {"op": "add", "path": "/transformations/0/params/" + place, "value": value}


PROFILE_STORE = spec("8a9c3494-9708-43d7-ae3f-cda01e5030e1")
AMAZON_S3 = spec("4890fc95-5a1f-4983-94bb-e060c08e3f81")
FLOW_SPEC = spec("71471eba-b620-49e4-90fd-23f1fa0174d8")
ATTRIBUTES = ["person.name.firstName", "person.name.lastName", "personalEmail.address",
              "segmentMembership.seg_namespace.seg_id.status"]
AUDIENCE = {
    "id": "0b4dd08e-92a1-4b0a-9c3d-7f2c66a1e5d1", "name": "Loyal customers",
    "filenameTemplate": "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%",
    "exportMode": "DAILY_FULL_EXPORT",
    "schedule": {"frequency": "DAILY", "triggerType": "SCHEDULED", "startDate": "2030-01-01",
                 "endDate": "2030-12-31", "startTime": "02:00"},
}

token = checked(session.post(ims + "/ims/token/v3", timeout=60, data={
    "grant_type": "client_credentials", "client_id": "client", "client_secret": "secret", "scope": "openid"}))
session.headers.update({
    "Authorization": "Bearer " + token["access_token"], "x-api-key": "client",
    "x-gw-ims-org-id": "0123456789ABCDEF01234567@AdobeOrg", "x-sandbox-name": "prod"})

store = call("POST", "/connections", {"name": name + " - Profile Store", "connectionSpec": PROFILE_STORE})
account = call("POST", "/connections", {
    "name": name + " - account", "connectionSpec": AMAZON_S3,
    "auth": {"specName": "Access Key", "params": {
        "s3AccessKey": "AKIAEXAMPLEEXAMPLE22", "s3SecretKey": "exampleexampleexampleexampleexampleexamp"}}})
source = call("POST", "/sourceConnections", {
    "name": name + " - Profile Store source", "connectionSpec": PROFILE_STORE, "baseConnectionId": store["id"],
    "data": {"format": "CSV", "schema": None}, "params": {}})
target = call("POST", "/targetConnections", {
    "name": name + " - target", "connectionSpec": AMAZON_S3, "baseConnectionId": account["id"],
    "data": {"format": "json", "schema": {"id": "1.0", "version": "1.0"}},
    "params": {"mode": "S3", "bucketName": "example-audiences", "path": "exports/daily", "format": "CSV"}})
flow = call("POST", "/flows", {
    "name": name, "flowSpec": FLOW_SPEC, "sourceConnectionIds": [source["id"]],
    "targetConnectionIds": [target["id"]], "transformations": [{"name": "GeneralTransform", "params": {
        "profileSelectors": {"selectors": []}, "segmentSelectors": {"selectors": []}}}]})
patch = [add("segmentSelectors/selectors/-", {"type": "PLATFORM_SEGMENT", "value": AUDIENCE})]
for path in ATTRIBUTES:
    patch.append(add("profileSelectors/selectors/-", {"type": "JSON_PATH", "value": {"path": path}}))
patch.append(add("profileSelectors/mandatoryFields", ["personalEmail.address"]))
patch.append(add("profileSelectors/primaryFields", [
    {"fieldType": "ATTRIBUTE", "attributePath": "personalEmail.address"}]))
call("PATCH", "/flows/" + flow["id"], patch, {"If-Match": '"%s"' % flow["etag"].strip('"')})
call("GET", "/flows/" + flow["id"])
