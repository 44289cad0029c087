"""Reads the changes feed to its end and prints who opted out, with Python's standard library alone.

SAYSO_URL=... SAYSO_KEY=... python3 follow_changes.py [CURSOR]

The key needs the scope changes.read. The last line is the cursor: keep it, and begin with it the next time.
"""
import json
import os
import sys
from urllib.parse import urlencode
from urllib.request import Request, urlopen


def call(path, **query):
    url = f"{os.environ['SAYSO_URL']}{path}?{urlencode(query)}"
    request = Request(url, headers={"Authorization": f"Bearer {os.environ['SAYSO_KEY']}"})
    with urlopen(request) as response:
        return json.load(response)


cursor = {"after": sys.argv[1]} if len(sys.argv) > 1 else {}
while True:
    page = call("/api/v1/changes", limit=100, **cursor)
    for event in page["results"]:
        print(event["type"], event["timestamp"])
    cursor = {"after": page["after"]}
    if not page["hasMore"]:
        break
print(cursor["after"])
