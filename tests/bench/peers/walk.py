"""walk.py PLATFORM FLOWS: the same with requests."""

import sys

import requests

platform, wanted = sys.argv[1], int(sys.argv[2])
session = requests.Session()
session.trust_env = False
session.headers.update({"Authorization": "Bearer token", "x-api-key": "client"})
link, count = "/flows?limit=100", 0
while link:
    page = session.get(platform + "/data/foundation/flowservice" + link, timeout=60).json()
    for flow in page["items"]:
        assert flow["name"] == "%08x flow %d" % (count // 100 + 1, count % 100 + 1)
        count += 1
    link = page["_links"].get("next", {}).get("href")
assert count == wanted
