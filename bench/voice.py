"""From a voice note to the card on the rep's screen, through WeCom's callbacks and media download.

`python -m bench.voice` (about a minute). The notes are the clips of `tests/data`, joined to about ten seconds, as AMR
at 12.2 kbit/s like WeCom's. The first note pays for starting the recognition process and loading the model.
"""

from __future__ import annotations

import asyncio
import io
import statistics
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np

from tests.emulators.wecom import WecomEmulator
from tests.product import ROOT, Product, seed_reps, wecom_environment

CLIPS = ("as1_004.wav", "as1_052.wav")
RATE, NOTES = 8000, 5


def ten_seconds() -> tuple[bytes, float]:
    """The AMR file and its length in seconds."""
    samples = np.concatenate([_samples(ROOT / "tests" / "data" / name) for name in CLIPS])
    samples = np.tile(samples, 2)[: 10 * RATE]
    file = io.BytesIO()
    with av.open(file, "w", format="amr") as container:
        stream = container.add_stream("libopencore_amrnb", rate=RATE, layout="mono")
        stream.bit_rate = 12_200
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return file.getvalue(), len(samples) / RATE


def _samples(path: Path) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(str(path)) as container:
        frames = [out for frame in container.decode(audio=0) for out in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames]).astype(np.int16)


async def measure(folder: Path) -> list[float]:
    url = f"sqlite+aiosqlite:///{folder / 'gendan.db'}"
    [user] = await seed_reps(url, 1, "wecom", datetime.now(UTC))
    note, _ = ten_seconds()
    loop, took = asyncio.get_running_loop(), []
    async with WecomEmulator() as wecom:
        product = Product(folder, wecom_environment(wecom.settings) | {"GENDAN_DATABASE__URL": url})
        try:
            await product.start()
            await wecom.connect(f"{product.url}/wecom/callback")
            for _ in range(NOTES):
                began = loop.time()
                await wecom.voice(user, note)
                await wecom.next_card(user, timeout=60)
                took.append(loop.time() - began)
        finally:
            await product.stop()
    return took


async def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        took = await measure(Path(folder))
    print("| note | first s | later s (median) |\n| --- | --- | --- |")
    print(f"| {ten_seconds()[1]:.0f} s AMR | {took[0]:.1f} | {statistics.median(took[1:]):.1f} |")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
