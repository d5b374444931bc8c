import { describe, expect, it } from 'vitest';
import type { GrpcMethod } from '../protocols/grpc/grpcMethod.ts';
import { callScenario, refuseWrongCall, type CallRecipe } from './call.ts';

const recipe: CallRecipe = {
  kind: 'call',
  baseUrl: 'grpc://localhost:50051',
  method: 'shop.Shop/Find',
  messages: [{ id: 7 }],
  described: null,
};
const find: GrpcMethod = {
  name: 'shop.Shop/Find',
  path: '/shop.Shop/Find',
  sendsMany: false,
  givesMany: false,
  encode: (message) => {
    if (Object.hasOwn(message as object, 'id')) return Buffer.alloc(0);
    throw new TypeError('it has no id');
  },
  decode: () => ({}),
};
const upload = { ...find, name: 'shop.Shop/Upload', sendsMany: true };
const methods = new Map([find, upload].map((method) => [method.name, method]));

describe('a call of the command line', () => {
  it('is a scenario by the name of its method', () => {
    expect(callScenario(recipe)).toMatchObject({
      name: 'shop.Shop/Find',
      options: { grpc: { url: 'grpc://localhost:50051' } },
    });
    expect(callScenario({ ...recipe, method: '' }).name).toBe('call');
  });

  it.each([
    [
      'of a method that there is not',
      { method: 'shop.Shop/Fnd' },
      'PLM_METHOD',
      'there are shop.Shop/Find, shop.Shop/Upload',
    ],
    ['of none', { method: '' }, 'PLM_METHOD', 'grpc://localhost:50051 is not a method'],
    ['with a message that does not fit', { messages: [{}] }, 'PLM_MESSAGE', 'it has no id'],
    [
      'with two messages to a method of one',
      { messages: [{ id: 1 }, { id: 2 }] },
      'PLM_MESSAGE',
      'takes one message, not 2',
    ],
    ['with none', { messages: [] }, 'PLM_MESSAGE', 'takes one message, not 0'],
    [
      'of a stream with one that does not fit',
      { method: upload.name, messages: [{ id: 1 }, {}] },
      'PLM_MESSAGE',
      'it has no id',
    ],
  ])('is refused %s', (_, change, code, words) => {
    const refuse = (): void => refuseWrongCall({ ...recipe, ...change }, methods);
    expect(refuse).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(words) as string }),
    );
  });

  it('is taken where it fits', () => {
    expect(() => refuseWrongCall(recipe, methods)).not.toThrow();
    const several = { ...recipe, method: upload.name, messages: [{ id: 1 }, { id: 2 }] };
    expect(() => refuseWrongCall(several, methods)).not.toThrow();
  });
});
