"""For `npm run proof:api`: Schemathesis sends NDJSON bodies as they are."""
import schemathesis


@schemathesis.serializer("application/x-ndjson")
def ndjson(_context, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
