/**
 * Bodies of any size, up and down: what a volume profile is tried on.
 *
 * POST /files takes up to 4 MiB, keeps nothing and says how much came; above that it refuses with 413, unread. GET /files/:bytes
 * answers with so many bytes, up to 64 MiB.
 */
import type { Context } from 'hono';

const mostTaken = 4 * 1024 ** 2;
const mostGiven = 64 * 1024 ** 2;

export async function takeFile(c: Context): Promise<Response> {
  const tooLarge = (): Response =>
    c.json({ error: `At most ${mostTaken} bytes are taken.`, mostBytes: mostTaken }, 413);
  if (Number(c.req.header('content-length') ?? 0) > mostTaken) return tooLarge();
  const { byteLength } = await c.req.arrayBuffer();
  return byteLength > mostTaken ? tooLarge() : c.json({ bytes: byteLength }, 201);
}

export function giveFile(c: Context): Response {
  const bytes = Number(c.req.param('bytes'));
  if (!(Number.isInteger(bytes) && bytes >= 0 && bytes <= mostGiven)) {
    return c.json({ error: `Ask for 0 to ${mostGiven} bytes: /files/1024.` }, 400);
  }
  return c.body(new Uint8Array(bytes), 200, { 'Content-Type': 'application/octet-stream' });
}
