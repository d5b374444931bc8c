import { describe, expect, it } from 'vitest';
import { Addresses } from './addresses.ts';

describe('Addresses', () => {
  it('never looks a literal address up', () => {
    const asked: string[] = [];
    const lookup = (host: string): Promise<string[]> => Promise.resolve([asked.push(host).toString()]);
    expect(new Addresses('127.0.0.1', lookup).list).toEqual(['127.0.0.1']);
    expect(new Addresses('::1', lookup).list).toEqual(['::1']);
    expect(asked).toEqual([]);
  });

  it('looks a name up once for all who ask, and again only after a failure', async () => {
    let calls = 0;
    const addresses = new Addresses('a.test', () => {
      calls++;
      return calls === 1 ? Promise.reject(new Error('not yet')) : Promise.resolve(['192.0.2.1']);
    });
    const both = await Promise.allSettled([addresses.resolve(), addresses.resolve()]);
    expect(both.map((one) => one.status)).toEqual(['rejected', 'rejected']);
    expect(calls).toBe(1);
    expect(addresses.list).toBeNull();
    expect(await addresses.resolve()).toEqual(['192.0.2.1']);
    expect(addresses.list).toEqual(['192.0.2.1']);
    expect(calls).toBe(2);
  });

  it('treats a name without addresses as not found', async () => {
    await expect(new Addresses('a.test', () => Promise.resolve([])).resolve()).rejects.toMatchObject({
      code: 'ENOTFOUND',
    });
  });

  it('spread, begins with each address in turn, whichever worked', async () => {
    const addresses = new Addresses(
      'a.test',
      () => Promise.resolve(['192.0.2.1', '192.0.2.2', '192.0.2.3']),
      true,
    );
    await addresses.resolve();
    addresses.worked(2);
    expect([1, 2, 3, 4, 5].map(() => addresses.begin())).toEqual([0, 1, 2, 0, 1]);
  });

  it('begins with the address that worked, and then takes exhausted ports for what they are', () => {
    const addresses = new Addresses('127.0.0.1');
    expect(addresses.worthAnother('connect.ports')).toBe(true);
    expect(addresses.worse('connect.ports', 'connect.refused')).toBe('connect.refused');
    addresses.worked(1);
    expect(addresses.begin()).toBe(1);
    expect(addresses.worthAnother('connect.ports')).toBe(false);
    expect(addresses.worthAnother('connect.refused')).toBe(true);
    expect(addresses.worse('connect.unreachable', 'connect.refused')).toBe('connect.unreachable');
    expect(addresses.worthAnother('connect.descriptors')).toBe(false);
  });
});
