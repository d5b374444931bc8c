/** What a target is started with: `--service-ms 20` becomes `serviceMs: 20`. */
import { parseArgs } from 'node:util';
import type { ServiceOptions } from './service.ts';

export function readOptions(argv: readonly string[]): { options: ServiceOptions; port: number } {
  const { tokens } = parseArgs({ args: [...argv], strict: false, tokens: true });
  const read: Record<string, string | number> = {};
  for (const token of tokens) {
    if (token.kind === 'option') {
      const name = token.name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
      const text = token.value ?? argv[token.index + 1] ?? '';
      read[name] = text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
    }
  }
  const port = typeof read.port === 'number' ? read.port : 0;
  delete read.port;
  return { options: read as unknown as ServiceOptions, port };
}
