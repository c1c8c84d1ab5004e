"""A slow line between browser and server: a proxy that holds bytes back, and can go dead.

Both directions have a rate of their own, which all connections share, and half of the round trip.
A new connection waits a round trip, as its handshake would. No packet is lost, and there is no slow
start. While the line is dead nothing passes; what was sent meanwhile arrives afterwards, as from a
computer that sends again what was not acknowledged.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

PIECE_BYTES = 2048
# How far ahead of the line a connection may read
QUEUE_SECONDS = 0.01


class Line:
    """The proxy's state; `going_down` and `coming_up` may be called from any thread."""

    def __init__(self, megabits_per_second: float, round_trip_seconds: float) -> None:
        self.bytes_per_second = megabits_per_second * 1e6 / 8
        self.delay = round_trip_seconds / 2
        self.bytes_passed = 0
        self.address = ""
        self._loop = asyncio.new_event_loop()
        self._is_up = asyncio.Event()
        self._is_up.set()
        self._upstream = ("", 0)

    def going_down(self) -> None:
        self._loop.call_soon_threadsafe(self._is_up.clear)

    def coming_up(self) -> None:
        self._loop.call_soon_threadsafe(self._is_up.set)

    def run(self, address: str, is_ready: threading.Event) -> None:
        """Serve until the loop is stopped."""
        parts = urlsplit(address)
        self._upstream = (parts.hostname or "", parts.port or 80)
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._connect, "127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        # One direction for all connections
        self._sending, self._receiving = _Direction(self), _Direction(self)
        is_ready.set()
        self._loop.run_forever()
        server.close()
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.close()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(2 * self.delay)
        await self._is_up.wait()
        server_reader, server_writer = await asyncio.open_connection(*self._upstream)
        await asyncio.gather(
            self._sending.carry(reader, server_writer),
            self._receiving.carry(server_reader, writer),
        )


class _Direction:
    """One way of the line: the time at which it is free again is shared by all connections."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.free_at = 0.0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        on_its_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivery = asyncio.create_task(self._deliver(on_its_way, writer))
        now = asyncio.get_running_loop().time
        with contextlib.suppress(ConnectionError):
            while piece := await reader.read(PIECE_BYTES):
                await self.line._is_up.wait()
                while (ahead := self.free_at - now() - QUEUE_SECONDS) > 0:
                    await asyncio.sleep(ahead)
                self.free_at = max(self.free_at, now()) + len(piece) / self.line.bytes_per_second
                self.line.bytes_passed += len(piece)
                on_its_way.put_nowait((self.free_at + self.line.delay, piece))
        on_its_way.put_nowait((now() + self.line.delay, b""))
        await delivery

    async def _deliver(
        self, on_its_way: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter
    ) -> None:
        now = asyncio.get_running_loop().time
        with contextlib.suppress(ConnectionError):
            while True:
                due, piece = await on_its_way.get()
                await asyncio.sleep(max(0.0, due - now()))
                await self.line._is_up.wait()
                if not piece:
                    break
                writer.write(piece)
                await writer.drain()
        writer.close()


@contextmanager
def slow_line(
    address: str, *, megabits_per_second: float, round_trip_seconds: float
) -> Iterator[Line]:
    """Put a slow line before the server at `address`; browsers go to the line's own address."""
    line = Line(megabits_per_second, round_trip_seconds)
    is_ready = threading.Event()
    target: Callable[..., Any] = line.run
    thread = threading.Thread(target=target, args=(address, is_ready), daemon=True)
    thread.start()
    is_ready.wait(10)
    try:
        yield line
    finally:
        line.stop()
        thread.join(10)
