"""Reads the changes feed to its end and prints who opted out: pip install requests

SAYSO_URL=... SAYSO_KEY=... python3 follow_changes.py [CURSOR]

The key needs the scope changes.read. The last line is the cursor: keep it, and begin with it the next time.
"""
import os
import sys

import requests

session = requests.Session()
session.headers["Authorization"] = f"Bearer {os.environ['SAYSO_KEY']}"

cursor = {"after": sys.argv[1]} if len(sys.argv) > 1 else {}
while True:
    url = f"{os.environ['SAYSO_URL']}/api/v1/changes"
    response = session.get(url, params={"limit": 100, **cursor}, timeout=60)
    response.raise_for_status()
    page = response.json()
    for event in page["results"]:
        print(event["type"], event["timestamp"])
    cursor = {"after": page["after"]}
    if not page["hasMore"]:
        break
print(cursor["after"])
