"""Do by program what people do on the pages of STS-QA."""

from sts_qa_client.client import Client
from sts_qa_client.errors import Fault, JobFailed, Json, Refused

__all__ = ["Client", "Fault", "JobFailed", "Json", "Refused"]
