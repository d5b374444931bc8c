#!/usr/bin/env node
import { existsSync } from 'node:fs';

const entry = new URL('../dist/cli/main.js', import.meta.url);
if (existsSync(entry)) await import(entry.href);
else {
  process.stderr.write('plimsoll: this checkout is not built yet. Run: npm ci\n');
  process.exitCode = 2;
}
