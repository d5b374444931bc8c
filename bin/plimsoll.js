#!/usr/bin/env node
import { existsSync } from 'node:fs';

const entry = new URL('../dist/cli/main.js', import.meta.url);
if (existsSync(entry)) {
  try {
    await import(entry.href);
  } catch (error) {
    if (error.code !== 'EMFILE') throw error;
    process.stderr.write(
      'plimsoll: too few file descriptors even to start. Raise the limit with: ulimit -n 65536\n',
    );
    process.exitCode = 2;
  }
} else {
  process.stderr.write('plimsoll: this checkout is not built yet. Run: npm ci\n');
  process.exitCode = 2;
}
