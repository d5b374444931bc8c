/** Conversion between what people write and what the code computes with. Names carry their unit everywhere else. */
import { PlimsollError } from './errors.ts';

const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `500ms`, `30s`, `1.5m`, `1h` → milliseconds, above 0. @throws PLM_DURATION */
export function parseDurationMs(text: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h)\s*$/.exec(text);
  const value = Number(match?.[1]) * (durationUnits[match?.[2] ?? ''] ?? Number.NaN);
  if (!Number.isFinite(value) || value <= 0) throw new PlimsollError('PLM_DURATION', `"${text}"`);
  return value;
}

const byteUnits: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1000,
  mb: 1e6,
  kib: 1024,
  mib: 1024 ** 2,
};

/** `512B`, `10KiB`, `1MiB`, `2MB` → bytes, a whole number above 0. @throws PLM_NUMBER */
export function parseBytes(text: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kKmM]?i?[bB])\s*$/.exec(text);
  const value = Math.round(Number(match?.[1]) * (byteUnits[match?.[2]?.toLowerCase() ?? ''] ?? Number.NaN));
  if (!Number.isFinite(value) || value <= 0 || value > 2 ** 30) {
    throw new PlimsollError('PLM_NUMBER', `"${text}"`, 'a size up to 1024MiB is wanted: 512B, 10KiB, 1MiB');
  }
  return value;
}

/** `200`, `200/s`, `30/m`, `5k/s` → per second, above 0. @throws PLM_NUMBER */
export function parseRatePerSecond(text: string): number {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(k)?\s*(?:\/\s*(s|m|h))?\s*$/.exec(text);
  const seconds = (durationUnits[match?.[3] ?? 's'] ?? Number.NaN) / 1000;
  const value = (Number(match?.[1]) * (match?.[2] === 'k' ? 1000 : 1)) / seconds;
  if (!Number.isFinite(value) || value <= 0) {
    throw new PlimsollError('PLM_NUMBER', `"${text}"`, 'a rate such as 200/s is wanted');
  }
  return value;
}
