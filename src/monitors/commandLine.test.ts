import { describe, expect, it } from 'vitest';
import { commandOf, presentable } from './commandLine.ts';

describe('a command line for a report', () => {
  it('is the words as they are', () => {
    expect(presentable(['node', '--max-old-space-size=512', 'server.js', '--port', '3000'])).toBe(
      'node --max-old-space-size=512 server.js --port 3000',
    );
  });

  it('hides secrets given with =, as the next word, and in URLs', () => {
    expect(
      presentable(['app', '--db-password=tiger', '--api-key', 'k-123', 'postgres://scott:tiger@db/x']),
    ).toBe('app --db-password=*** --api-key *** postgres://***@db/x');
  });

  it('is cut where it is long', () => {
    const text = presentable(['java', '-cp', 'x'.repeat(500)]);
    expect(text).toHaveLength(120);
    expect(text.endsWith('…')).toBe(true);
  });

  it.skipIf(process.platform !== 'linux')('is that of this very process, and null for none', () => {
    expect(commandOf(process.pid)).toContain('node');
    expect(commandOf(2 ** 22 + 1)).toBeNull();
  });
});
