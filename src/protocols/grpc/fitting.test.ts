import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { harbourProto } from '../../../test/kit/grpcServer.ts';
import { grpcMethods } from './grpcMethods.ts';

const greet = grpcMethods({ kind: 'files', files: [harbourProto], folders: [] }).get('harbour.Harbour/Greet');

const whole64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
const fields = {
  name: fc.string({ unit: 'grapheme' }),
  draught_cm: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  flag: fc.constantFrom('NONE', 'PILOT', 0, 1),
  holds: fc.array(fc.oneof(whole64, fc.maxSafeInteger())),
  papers: fc.oneof(
    fc.uint8Array(),
    fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64')),
  ),
};
const ship = fc.record(fields, { requiredKeys: [] });
const tugged = fc.record({ ...fields, tug: fc.option(ship) }, { requiredKeys: [] });

describe('a message', () => {
  it('fits its type when its fields do', () => {
    fc.assert(
      fc.property(tugged, (message) => {
        expect(() => greet?.encode(message)).not.toThrow();
      }),
    );
  });

  it('does not fit when one field more is in it, or in what it holds', () => {
    fc.assert(
      fc.property(tugged, ship, fc.constantFrom('nmae', 'draughtCm', 'Name'), (message, tug, stray) => {
        expect(() => greet?.encode({ ...message, [stray]: 1 })).toThrow(`has no field "${stray}"`);
        expect(() => greet?.encode({ ...message, tug: { ...tug, [stray]: 1 } })).toThrow(
          `tug has no field "${stray}"`,
        );
      }),
    );
  });

  it('does not fit when a number is none, or does not go into its field', () => {
    const wrong = fc.oneof(
      fc.string().filter((text) => !/^\s*[-+]?\d+\s*$/.test(text) && text !== ''),
      fc.double({ noInteger: true, noNaN: true }),
      fc.integer({ min: 2 ** 31, max: 2 ** 40 }),
      fc.boolean(),
    );
    fc.assert(
      fc.property(wrong, (value) => {
        expect(() => greet?.encode({ draught_cm: value })).toThrow();
      }),
    );
  });

  it('is told without what stands in it', () => {
    expect(() => greet?.encode({ draught_cm: 'sesame-7' })).toThrow(
      /^harbour.Harbour\/Greet: draught_cm does not take this text$/,
    );
  });
});
