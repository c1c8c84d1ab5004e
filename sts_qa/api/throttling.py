"""How many requests a token, or a browser's log-in, may send, and the headers that say so."""

from __future__ import annotations

import math
import threading

from django.conf import settings
from django.http import HttpResponseBase
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

# Reading and writing the history are two steps; threads of one process take turns
_turn = threading.Lock()


class RequestRate(SimpleRateThrottle):
    """At most STS_QA_API_RATE requests, counted per token or account over a moving window."""

    counted_as = "api-rate"

    def get_rate(self) -> str:
        return settings.API_RATE

    def get_cache_key(self, request: Request, view: object) -> str:
        kind, owner = ("token", request.auth) if request.auth else ("account", request.user)
        return f"{self.counted_as}-{kind}-{owner.pk}"

    def allow_request(self, request: Request, view: object) -> bool:
        with _turn:
            allowed = super().allow_request(request, view)
        request._request.api_throttle = self
        return allowed

    def say_limits(self, response: HttpResponseBase) -> None:
        oldest = self.history[-1] if self.history else self.now
        response["RateLimit-Limit"] = str(self.num_requests)
        response["RateLimit-Remaining"] = str(max(0, self.num_requests - len(self.history)))
        response["RateLimit-Reset"] = str(math.ceil(oldest + self.duration - self.now))


class PixelRate(RequestRate):
    """At most STS_QA_API_PIXEL_RATE requests for pixels, of which one volume takes hundreds."""

    counted_as = "api-pixel-rate"

    def get_rate(self) -> str:
        return settings.API_PIXEL_RATE
