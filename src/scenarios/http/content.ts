/** The body of a request, from what a script gives: JSON, a form, a form of several parts, or bytes as they are. Pure. */
import type { FormPart, RequestOptions } from './http.ts';

export interface Content {
  /** Null where the script says it itself, or there is no body. */
  readonly type: string | null;
  readonly body: Buffer | null;
}

/** @throws TypeError where more than one kind of body is given */
export function contentOf({ json, form, parts, body }: RequestOptions): Content {
  const given = Object.entries({ json, form, parts, body }).filter(([, value]) => value !== undefined);
  if (given.length > 1)
    throw new TypeError(`a request has one body, not ${given.map(([name]) => name).join(' and ')}`);
  if (json !== undefined) return { type: 'application/json', body: Buffer.from(JSON.stringify(json)) };
  if (form !== undefined) {
    const fields = new URLSearchParams();
    for (const [name, value] of Object.entries(form)) fields.append(name, String(value));
    return { type: 'application/x-www-form-urlencoded', body: Buffer.from(fields.toString()) };
  }
  if (parts !== undefined) return multipart(parts);
  return { type: null, body: body === undefined ? null : Buffer.from(body as string) };
}

/** RFC 7578. The boundary is derived from what lies between, so that the same parts are the same bytes. */
function multipart(parts: Readonly<Record<string, FormPart>>): Content {
  const pieces = Object.entries(parts).map(([name, part]) => {
    const file = typeof part === 'object' && 'data' in part ? part : { data: String(part) };
    const lines = [
      `Content-Disposition: form-data; name="${escaped(name)}"${'filename' in file && file.filename !== undefined ? `; filename="${escaped(file.filename)}"` : ''}`,
      ...('type' in file && file.type !== undefined ? [`Content-Type: ${escaped(file.type)}`] : []),
    ];
    return { head: `${lines.join('\r\n')}\r\n\r\n`, data: Buffer.from(file.data as string) };
  });
  const boundary = freeBoundary(pieces.map(({ data }) => data));
  const bytes = pieces.flatMap(({ head, data }) => [
    Buffer.from(`--${boundary}\r\n${head}`),
    data,
    Buffer.from('\r\n'),
  ]);
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([...bytes, Buffer.from(`--${boundary}--\r\n`)]),
  };
}

/** A quote or line break would end the name (HTML, multipart/form-data encoding algorithm). */
const escaped = (text: string): string =>
  text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

function freeBoundary(data: readonly Buffer[]): string {
  for (let nth = 0; ; nth++) {
    const boundary = `plimsoll-${nth}`;
    if (data.every((each) => !each.includes(`--${boundary}`))) return boundary;
  }
}
