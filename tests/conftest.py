"""Every test runs with invented credentials: a forgotten fake cannot reach AWS."""

import os

os.environ.update(
    AWS_ACCESS_KEY_ID="invented",
    AWS_SECRET_ACCESS_KEY="invented",
    AWS_DEFAULT_REGION="us-east-1",
    POWERTOOLS_SERVICE_NAME="plume",
    POWERTOOLS_METRICS_NAMESPACE="Plume",
    POWERTOOLS_TRACE_DISABLED="true",
)
