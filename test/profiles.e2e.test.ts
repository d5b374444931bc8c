/** Profiles from outside: what they send, in which order, and what they say of it. Real time, so side by side. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { profileNames } from '../src/model/report.ts';
import { plimsoll } from './kit/bin.ts';
import { closedPort, httpTarget } from './kit/httpTarget.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

describe.concurrent('a profile', () => {
  it('of volume sends bodies of each size, whole, and tells the size that is refused', async (context) => {
    const sizes = new Map<number, number>();
    const server = createServer((request, response) => {
      let bytes = 0;
      request.on('data', (chunk: Buffer) => (bytes += chunk.length));
      request.on('end', () => {
        sizes.set(bytes, (sizes.get(bytes) ?? 0) + 1);
        response.statusCode = bytes > 100_000 ? 413 : 201;
        response.end('ok');
      });
    });
    await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
    context.onTestFinished(() => void server.closeAllConnections());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/files`;
    const flags = [
      '--method',
      'POST',
      '--profile',
      'volume',
      '--sizes',
      '1KiB,200KiB,20KiB',
      '--duration',
      '1s',
    ];
    const run = plimsoll(context, ['run', url, ...flags]);
    const { code, stdout, stderr } = await run.ended;
    const report = run.report();
    const levels = report.experiments[0]?.levels ?? [];
    expect(stderr).toContain('volume  ');
    expect(stderr).toContain('1 KiB, 20 KiB, 200 KiB from 4 users, 1 s each');
    expect(levels.map(({ variant }) => variant)).toEqual(
      [1, 20, 200].map((kib) => ({ kind: 'bytes', bytes: 1024 * kib })),
    );
    expect(levels.map(({ requests }) => requests.done)).toEqual(
      [1, 20, 200].map((kib) => sizes.get(1024 * kib)),
    );
    expect(report.profile?.figures.at(-1)).toMatchObject({ name: 'errors begin', value: 200 * 1024 });
    expect(stdout).toContain('at 200 KiB: 100 % fail, mostly http.413');
    // Ten times the size on the same load is no disagreement.
    expect(report.findings.map((finding) => finding.code)).not.toContain('levels.disagree');
    expect(code, stdout + stderr).toBe(1);
  });

  it('of volume asks for answers of each size where the URL says how', async (context) => {
    const target = await httpTarget((request, response) =>
      response.end('x'.repeat(Number(request.url?.slice(1)))),
    );
    context.onTestFinished(() => target.close());
    const flags = ['--profile', 'volume', '--sizes', '1KiB,64KiB', '--duration', '1s'];
    const run = plimsoll(context, ['run', `${target.url}{bytes}`, ...flags]);
    await run.ended;
    const [small, large] = run.report().experiments[0]?.levels ?? [];
    const perAnswer = (level: typeof small): number =>
      ((level?.target.networkOutBytesPerSecond ?? 0) * (level?.durationMs ?? 0)) /
      1000 /
      (level?.requests.done ?? 1);
    const grown = (perAnswer(large) - perAnswer(small)) / (63 * 1024);
    // An answer under way at the end belongs to one of two counts.
    expect(grown).toBeGreaterThan(0.9);
    expect(grown).toBeLessThan(1.1);
  });

  it('of volume has not passed where the target ignores the size', async (context) => {
    const target = await httpTarget((_request, response) => response.end('seven b'));
    context.onTestFinished(() => target.close());
    const flags = ['--profile', 'volume', '--sizes', '10KiB,100KiB', '--duration', '1s'];
    const run = plimsoll(context, ['run', `${target.url}ignore?n={bytes}`, ...flags]);
    const { code, stdout } = await run.ended;
    expect(stdout).toContain('not the size asked for');
    expect(stdout).not.toContain('per MiB');
    expect(run.report().verdict).toBe('inconclusive');
    expect(code).toBe(4);
  });

  it('of volume does not free the others from the usual objectives', async (context) => {
    const target = await httpTarget((_request, response) => void setTimeout(() => response.end('ok'), 620));
    context.onTestFinished(() => target.close());
    const flags = ['--method', 'POST', '--profile', 'spike,volume', '--sizes', '1KiB,2KiB'];
    const run = plimsoll(context, ['run', target.url, ...flags, '--users', '10', '--duration', '2s']);
    const { code, stdout } = await run.ended;
    expect(run.report().objectives.map(({ metric }) => metric)).toEqual(['response.p95', 'errors']);
    expect(run.report().profile?.checks[0]).toMatchObject({
      name: 'spike: objectives held at every stage',
      met: false,
    });
    expect(code, stdout).toBe(1);
  });

  it('that the time limit ends judges no stage that did not run, and names the profiles that did not', async (context) => {
    const target = await httpTarget((_request, response) => void setTimeout(() => response.end('ok'), 5));
    context.onTestFinished(() => target.close());
    const flags = ['--profile', 'spike,soak', '--users', '10', '--duration', '2s', '--time-limit', '3s'];
    const run = plimsoll(context, ['run', target.url, ...flags]);
    const { stdout } = await run.ended;
    expect(run.report().profile?.checks.slice(1)).toMatchObject([
      { name: 'spike: p95 afterwards over before', value: null, met: null },
      { name: 'soak: objectives held at every stage', found: 'not run', met: null },
    ]);
    expect(stdout).toContain('the time limit ended the run before all stages were over');
    expect(stdout).toContain('Soak: not run.');
    expect(stdout).not.toContain('Longer stages');
  });

  it('of the examples plays a heavier mix and goes back', async (context) => {
    const port = await closedPort();
    const args = [
      ...['run', join(root, 'examples/heavy.ts'), '--base-url', `http://127.0.0.1:${port}`],
      ...['--profile', 'resource-intensive', '--users', '6', '--duration', '2s', '--slo', 'p95<5s,errors<1%'],
      ...['--start', `node ${join(root, 'dist/demo/service.js')} --port ${port}`],
    ];
    const run = plimsoll(context, args);
    const { stderr } = await run.ended;
    const levels = run.report().experiments[0]?.levels ?? [];
    expect(stderr).toContain(
      'resource-intensive  ▃█▃  usual mix, heavy mix, usual mix from 6 users, 2 s each',
    );
    const talking = levels.map(({ scenarios, sessions }) => {
      const done = scenarios.find(({ name }) => name === 'talking')?.done ?? 0;
      return done / (sessions?.done ?? 1);
    });
    // Of six users one talks, and five in the heavy mix.
    expect(talking[0]).toBeLessThan(0.3);
    expect(talking[1]).toBeGreaterThan(0.7);
    expect(talking[2]).toBeLessThan(0.3);
    expect(run.report().profile?.checks[1]?.name).toBe('p95 in the heavy mix over the usual');
  });

  it('of the examples are all there are', () => {
    const commands = readFileSync(join(root, 'examples/profiles.sh'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('npx plimsoll run '));
    const named = commands.map((line) => / --profile ([\w,-]+)/.exec(line)?.[1] ?? 'replay');
    expect(new Set(named)).toEqual(new Set([...profileNames, 'spike,sustained', 'replay']));
  });

  it('follows another', async (context) => {
    const target = await httpTarget((_request, response) => void setTimeout(() => response.end('ok'), 5));
    context.onTestFinished(() => target.close());
    const flags = ['--profile', 'spike,sustained', '--users', '10', '--duration', '1s'];
    const run = plimsoll(context, ['run', target.url, ...flags]);
    const { stderr } = await run.ended;
    expect(stderr).toContain('spike  ▁█▁  1, 10, 1 users, 1 s each');
    expect(stderr).toContain('sustained  ███  10, 10, 10 users, 1 s each');
    const report = run.report();
    expect(report.experiments[0]?.levels.map(({ load }) => load.kind === 'closed' && load.users)).toEqual([
      1, 10, 1, 10, 10, 10,
    ]);
    expect(report.profile?.name).toBe('spike, sustained');
    expect(report.profile?.statement).toMatch(/^Spike: .* Sustained: /);
  });

  it.for([
    [['http://127.0.0.1:9/', '--profile', 'resource-intensive'], 'are marked heavy: true'],
    [['http://127.0.0.1:9/', '--profile', 'volume', '--body', '{}'], 'write {filler} into the body'],
    [['http://127.0.0.1:9/', '--profile', 'volume'], 'give --method POST'],
    [['http://127.0.0.1:9/', '--sizes', '1KiB'], 'it goes with --profile volume'],
    [
      ['http://127.0.0.1:9/', '--method', 'POST', '--profile', 'volume', '--sizes', '1 lot'],
      'a size up to 1024MiB',
    ],
    [[join(root, 'examples/heavy.ts'), '--profile', 'volume'], 'a scenario says its sizes itself'],
    [['http://127.0.0.1:9/', '--profile', 'spike,spoke'], 'it is one of linear'],
  ] as const)('that does not fit is refused with what to do: %s', async ([args, words], context) => {
    const { code, stderr } = await plimsoll(context, ['run', ...args]).ended;
    expect(stderr).toContain(words);
    expect(code).toBe(2);
  });
});
