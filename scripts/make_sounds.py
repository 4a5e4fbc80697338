"""Make the station's sounds: short, soft, told apart by pitch and rhythm.

Writes assets/sounds/*.wav, always the same.
"""

from __future__ import annotations

import math
import struct
import wave
from pathlib import Path

RATE_HZ = 48_000
PEAK = 10 ** (-9 / 20)  # −9 dBFS
FOLDER = Path(__file__).resolve().parent.parent / "assets" / "sounds"

# (start ms, length ms, pitch Hz) of each tone
SOUNDS = {
    "done": [(0, 110, 659.3), (95, 150, 987.8)],  # a rising pair
    "mind": [(0, 200, 330.0)],  # one low
    "stop": [(0, 85, 246.9), (125, 95, 233.1)],  # two short low
    "card": [(0, 120, 880.0)],  # a soft tick
}
SOFT = {"card": 0.45}


def tone(length_ms: int, pitch_hz: float) -> list[float]:
    """A struck tone with one overtone: 5 ms attack, then it dies away."""
    count = RATE_HZ * length_ms // 1000
    attack = RATE_HZ * 5 // 1000
    samples = []
    for i in range(count):
        t_s = i / RATE_HZ
        body = math.sin(2 * math.pi * pitch_hz * t_s) + 0.25 * math.sin(4 * math.pi * pitch_hz * t_s)
        envelope = min(1.0, i / attack) * math.exp(-3.2 * i / count) * min(1.0, (count - i) / attack)
        samples.append(body * envelope)
    return samples


def mix(tones: list[tuple[int, int, float]], loudness: float) -> list[float]:
    """The tones laid over each other, scaled to the peak."""
    length = max(start + long for start, long, _ in tones) * RATE_HZ // 1000
    mixed = [0.0] * length
    for start_ms, length_ms, pitch_hz in tones:
        offset = start_ms * RATE_HZ // 1000
        for i, sample in enumerate(tone(length_ms, pitch_hz)):
            mixed[offset + i] += sample
    loudest = max(abs(sample) for sample in mixed)
    return [sample * PEAK * loudness / loudest for sample in mixed]


def write(name: str) -> None:
    """Write one sound: 48 kHz, 16 bit, mono."""
    samples = mix(SOUNDS[name], SOFT.get(name, 1.0))
    with wave.open(str(FOLDER / f"{name}.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(b"".join(struct.pack("<h", round(sample * 32767)) for sample in samples))


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for sound in SOUNDS:
        write(sound)
